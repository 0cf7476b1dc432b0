"""A project in memory that edits are judged against."""

import json
from collections.abc import Iterable

from hmi.core.project import Project
from hmi.drivers.api import Driver
from hmi.drivers.registry import builtin
from hmi.link.messages import Edit
from hmi.station.editing.change import Change, of_candidate
from hmi.station.editing.judging import judge
from hmi.station.editing.layout import Layout
from hmi.station.editing.model import Model
from hmi.station.editing.proposing import Proposal, propose
from hmi.station.editing.records import Key, Kind, digest
from hmi.station.editing.taking import Fault
from hmi.station.editing.texts import ProjectTexts
from hmi.station.editing.uses import Uses
from hmi.station.loading import Checked, check_texts, named_drivers
from hmi.station.running import Running
from hmi.station.system_tags import system_tags
from hmi.station.tag_table import TagTable

PROJECT = b'name = "Line"\n'
CONNECTIONS = b"""# The line's PLC.
[plc]
driver = "modbus" # do not change
endpoint = "modbus://127.0.0.1:5020"
"""


def lines(*tags: dict[str, object]) -> bytes:
    return b"".join(json.dumps(tag, sort_keys=True).encode() + b"\n" for tag in tags)


def memory(uid: str, path: str, **fields: object) -> dict[str, object]:
    return {"uid": uid, "path": path, "type": "float", "source": {"kind": "memory"}, **fields}


def computed(uid: str, path: str, expression: str, **fields: object) -> dict[str, object]:
    return {**memory(uid, path), "source": {"kind": "expression", "expression": expression}, **fields}


def connected(uid: str, path: str, address: str = "holding:1", **fields: object) -> dict[str, object]:
    source = {"kind": "connection", "connection": "plc", "address": address}
    return {**memory(uid, path), "source": source, **fields}


def display(*paths: str, name: str = "overview", **fields: object) -> bytes:
    elements = [
        {"kind": "value", "id": f"e{at}", "x": 0, "y": 0, "w": 1, "h": 1, "path": p} for at, p in enumerate(paths)
    ]
    document = {"schema": 1, "name": name, "title": name, "level": 1, "size": [10, 10], "elements": elements, **fields}
    return json.dumps(document, indent=1).encode()


class Bench:
    """One project, and edits of it that are made without a station."""

    def __init__(self, texts: dict[str, bytes]) -> None:
        texts = {"project.toml": PROJECT, "connections.toml": CONNECTIONS, **texts}
        checked = self.check(texts)
        self.project: Project = checked.require()
        running = Running(self.project, checked.drivers)
        own = system_tags(self.project.connections.items())
        tags = (*self.project.tags, *own)
        whole = Project(self.project.file, self.project.connections, tags)
        table = TagTable(whole, {tag.uid: at for at, tag in enumerate(tags)}, running)
        held = ProjectTexts(texts)
        types = held.records([Key("type", name) for name in held.names("type")])
        layout = Layout({record.key: record.document for record in types.values()})
        uses = Uses.of(self.project.tags, self.project.connections, self.project.displays)
        self.model = Model(running, table, held, uses, layout)

    @staticmethod
    def check(texts: dict[str, bytes]) -> Checked:
        return check_texts(texts, builtin())

    def edit(self, kind: Kind, key: str, document: dict[str, object] | bytes | None, before: str | None = None) -> Edit:
        """An edit by somebody who has seen the record as it is."""
        record = self.model.texts.records([Key(kind, key)]).get(Key(kind, key))
        seen = before if before is not None else record.digest if record is not None else ""
        data = document if isinstance(document, bytes) else b"" if document is None else json.dumps(document).encode()
        return Edit(kind, key, seen, data)

    def propose(self, *edits: Edit) -> Proposal:
        return propose(self.model, edits, self._drivers)

    def faults(self, *edits: Edit) -> list[Fault]:
        """Everything that is said of an edit that does not conflict."""
        made = self.propose(*edits)
        assert not made.conflicts
        return made.faults or judge(made.candidate)

    def change(self, *edits: Edit) -> Change:
        """What an edit without faults makes."""
        made = self.propose(*edits)
        assert not made.faults
        assert not made.conflicts
        assert not [fault for fault in judge(made.candidate) if not fault.warns]
        return of_candidate(made.candidate)

    def after(self, change: Change) -> dict[str, bytes]:
        """The files with a change."""
        whole = {**self.model.texts.texts, **change.files}
        return {name: data for name, data in whole.items() if data is not None}

    @staticmethod
    def _drivers(names: Iterable[str]) -> tuple[dict[str, Driver], dict[str, str]]:
        return named_drivers(names, builtin())


def digest_of(document: dict[str, object]) -> str:
    return digest(json.dumps(document, sort_keys=True).encode())
