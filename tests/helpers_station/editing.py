"""A small project with a station of its own in the test's process, and engineers who edit it."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hmi.link.messages import ApplyPending, Edit, Edited, EditProject, GetPending, GetRecords, Pending, Record, Records
from hmi.link.messages import RollBack as RollBackRequest
from hmi.station.app import Start, Station
from hmi.station.data_folder import open_data_folder
from hmi.station.places import KEY_FILE
from hmi.station.users import Users
from tests.helpers_station.client import LinkUser

PASSWORD = "line-of-bottles-7"
ROLES = {"eva": "engineer", "max": "engineer", "otto": "operator"}
T = TypeVar("T")


def memory(uid: str, path: str, **fields: Any) -> dict[str, Any]:
    return {"uid": uid, "path": path, "type": "float", "source": {"kind": "memory", "default": 5.0}, **fields}


def computed(uid: str, path: str, expression: str, **fields: Any) -> dict[str, Any]:
    return {**memory(uid, path), "source": {"kind": "expression", "expression": expression}, **fields}


def lines(*tags: dict[str, Any]) -> str:
    return "".join(json.dumps(tag, sort_keys=True) + "\n" for tag in tags)


@dataclass
class Site:
    """A project folder, a data folder, and the station that runs them."""

    folder: Path
    url: str = ""

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def make(self, *tags: dict[str, Any], **files: str) -> "Site":
        """Writes the project: tags, and other files by their names."""
        (self.project / "tags").mkdir(parents=True)
        (self.project / "displays").mkdir()
        (self.project / "project.toml").write_text('name = "Line"\n[security]\nwrites_enabled = true\n')
        (self.project / "users.toml").write_text("".join(f'{name} = "{role}"\n' for name, role in ROLES.items()))
        self.write_tags(*tags)
        for name, text in files.items():
            (self.project / name).write_text(text)
        users = Users(open_data_folder(self.data).path, ROLES)
        for name in ROLES:
            users.set_password(name, PASSWORD)
        return self

    def write_tags(self, *tags: dict[str, Any], file: str = "all") -> None:
        (self.project / "tags" / f"{file}.jsonl").write_text(lines(*tags))

    def read_tags(self, file: str = "all") -> list[dict[str, Any]]:
        text = (self.project / "tags" / f"{file}.jsonl").read_text()
        return [json.loads(row) for row in text.splitlines()]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Station]:
        """Runs the station until the block is left."""
        stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
        station = Station(Start(self.project, self.data, "127.0.0.1", 0))
        life = asyncio.create_task(station.run(ready.set_result, stop))
        await asyncio.wait([life, ready], return_when=asyncio.FIRST_COMPLETED)
        if life.done():
            await life
        self.url = ready.result()
        try:
            yield station
        finally:
            stop.set()
            await life

    async def do(self, work: Callable[["Engineer"], T], user: str = "eva") -> T:
        """Lets somebody work beside the station."""

        def session() -> T:
            with self.session(user) as engineer:
                return work(engineer)

        return await asyncio.to_thread(session)

    @contextmanager
    def session(self, user: str = "eva") -> Iterator["Engineer"]:
        """Somebody who is signed in; not on the event loop's thread."""
        with LinkUser(self.url, (self.data / KEY_FILE).read_bytes(), who=user) as client:
            client.opened()
            answer = client.sign_in(user, PASSWORD)
            assert not answer.error, answer.error
            yield Engineer(client)


class Engineer:
    """What an engineer's panel does."""

    def __init__(self, client: LinkUser) -> None:
        self.client = client

    def record(self, name: str, kind: str = "tag") -> Record:
        found = self.client.ask(GetRecords(self.client.number(), kind, [name]), Records).records
        assert len(found) == 1, (kind, name, found)
        return found[0]

    def put(self, kind: str, key: str, document: dict[str, Any] | None, before: str = "") -> Edit:
        return Edit(kind, key, before, b"" if document is None else json.dumps(document).encode())

    def changed(self, name: str, kind: str = "tag", **fields: Any) -> Edit:
        """An edit of a record as it is now; fields that are None go."""
        record = self.record(name, kind)
        document = {**json.loads(record.document), **fields}
        return self.put(kind, record.key, {k: v for k, v in document.items() if v is not None}, record.digest)

    def deleted(self, name: str, kind: str = "tag") -> Edit:
        record = self.record(name, kind)
        return self.put(kind, record.key, None, record.digest)

    def send(self, *edits: Edit, dry: bool = False, command: str = "", comment: str = "") -> Edited:
        command = command or str(uuid.uuid4())
        request = EditProject(self.client.number(), command, list(edits), dry, comment)
        return self.client.ask(request, Edited)

    def edit(self, *edits: Edit, comment: str = "") -> Edited:
        """Makes an edit, which must be made."""
        answer = self.send(*edits, comment=comment)
        assert answer.applied, (answer.error, answer.flaws)
        return answer

    def pending(self) -> Pending:
        return self.client.ask(GetPending(self.client.number()), Pending)

    def apply_pending(self, on_disk: str = "") -> Edited:
        on_disk = on_disk or self.pending().on_disk
        return self.client.ask(ApplyPending(self.client.number(), str(uuid.uuid4()), on_disk), Edited)

    def roll_back(self) -> Edited:
        return self.client.ask(RollBackRequest(self.client.number(), str(uuid.uuid4())), Edited)
