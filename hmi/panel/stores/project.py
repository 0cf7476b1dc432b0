"""The project as an engineer's panel reads and changes it. Nothing is kept here: what counts is what the station has.

Every question ends in one call of `done`; a sentence in place of an answer says why there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar
from uuid import uuid4

from msgspec import structs

from hmi.link.messages import (
    MAX_MESSAGE,
    ApplyPending,
    BrowseDevice,
    CertificateRow,
    Certificates,
    DeviceItem,
    DevicePage,
    DeviceValue,
    DriverInfo,
    Drivers,
    Edit,
    Edited,
    EditProject,
    Failed,
    GetCertificates,
    GetDrivers,
    GetNotes,
    GetPending,
    GetRecords,
    Message,
    NoteRow,
    Notes,
    Pending,
    ProjectChanged,
    ReadDevice,
    Record,
    Records,
    RollBack,
    SetNote,
    SetScan,
    SetSecret,
    Substitute,
    TrustCertificate,
    Uses,
    WhereUsed,
)
from hmi.panel.stores.binding import Binding, Listeners
from hmi.panel.stores.requests import LOST, Build, Progress, Request, Requests, is_last, results

A = TypeVar("A", bound=Message)
T = TypeVar("T")
PART: Final = MAX_MESSAGE // 2
"""Bytes of documents in one message of a large edit."""
_KEYS: Final = 128
"""Bytes at most beside a document: kind, key and digest."""

UNKNOWN_EDIT = "The connection was lost before the station answered. Look at the tags before you edit again."


class ProjectStore:
    """Asks for records, devices and drivers, sends edits, and tells when another configuration runs."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._changed = Listeners()
        self._pending = Listeners()
        self.change: ProjectChanged | None = None
        """The last change that the station told of."""
        self.pending: Pending | None = None
        """What the files held beside what runs, when the station last said."""

    # ---- what the station says unasked ----

    def listen(self, notify: Callable[[], None]) -> Binding:
        """Calls `notify` when another configuration runs: `change` says which tags to read again."""
        return self._changed.add(notify)

    def listen_pending(self, notify: Callable[[], None]) -> Binding:
        """Calls `notify` when the files hold something that does not run, or hold it no more."""
        return self._pending.add(notify)

    def receive(self, message: ProjectChanged | Pending) -> None:
        """What came without a question."""
        if isinstance(message, ProjectChanged):
            self.change = message
            self._changed.call()
        else:
            self.pending = message
            self._pending.call()

    # ---- records ----

    def records(self, kind: str, names: Sequence[str], done: Callable[[list[Record], str], None]) -> Request:
        """Tags by path, connections and types by name; no names: all of the kind."""
        return self._gather(
            lambda number: GetRecords(number, kind, list(names)), Records, lambda part: part.records, done
        )

    def edit(self, edits: Sequence[Edit], done: Callable[[Edited], None], *, dry: bool, comment: str = "") -> Request:
        """All or nothing; `dry` only says what would be wrong and what would change. Never sent again by itself."""
        command = str(uuid4())
        parts = _in_messages(edits)
        return self._edited(
            lambda number: [
                EditProject(number, command, part, dry, comment, more=part is not parts[-1]) for part in parts
            ],
            done,
        )

    def where_used(self, paths: Sequence[str], done: Callable[[list[tuple[str, str, str]], str], None]) -> Request:
        """(path, place, how) of each use."""
        return self._ask(
            lambda number: WhereUsed(number, list(paths)), Uses, lambda m, e: done(m.uses if m is not None else [], e)
        )

    # ---- the files ----

    def ask_pending(self, done: Callable[[Pending | None, str], None]) -> Request:
        """What the files hold beside what runs."""
        return self._ask(GetPending, Pending, done)

    def apply_pending(self, on_disk: str, done: Callable[[Edited], None]) -> Request:
        """Makes the files' configuration run, if they are still what the person saw."""
        command = str(uuid4())
        return self._edited(lambda number: [ApplyPending(number, command, on_disk)], done)

    def roll_back(self, running: str, done: Callable[[Edited], None]) -> Request:
        """Brings back what ran before `running`, the revision that the person saw."""
        command = str(uuid4())
        return self._edited(lambda number: [RollBack(number, command, running)], done)

    # ---- devices ----

    def drivers(self, done: Callable[[list[DriverInfo], str], None]) -> Request:
        """The drivers that connections can be made with."""
        return self._ask(GetDrivers, Drivers, lambda m, e: done(m.drivers if m is not None else [], e))

    def browse(self, connection: str, node: str, done: Callable[[list[DeviceItem], str], None]) -> Request:
        """The places below a node of a device's directory, all of them; "" is the top."""
        return self._gather(
            lambda number: BrowseDevice(number, connection, node),
            DevicePage,
            lambda part: part.items,
            done,
            lambda part: part.error,
        )

    def test_read(
        self, connection: str, address: str, type_: str, done: Callable[[DeviceValue | None, str], None]
    ) -> Request:
        """Reads an address once."""
        return self._ask(
            lambda number: ReadDevice(number, connection, address, type_),
            DeviceValue,
            lambda m, e: done(m, e or (m.error if m is not None else "")),
        )

    def certificates(self, driver: str, done: Callable[[list[CertificateRow], str], None]) -> Request:
        """Certificates that devices showed to a driver."""
        return self._ask(
            lambda number: GetCertificates(number, driver),
            Certificates,
            lambda m, e: done(m.rows if m is not None else [], e),
        )

    # ---- what people set beside the configuration ----

    def notes(self, tags: Sequence[int], done: Callable[[list[NoteRow], str], None]) -> Request:
        """Notes, substitutes and scan switches of tags."""
        return self._gather(lambda number: GetNotes(number, list(tags)), Notes, lambda part: part.rows, done)

    def substitute(self, tag: int, value: float | str | None, reason: str, progress: Progress) -> None:
        """Puts a value in place of a tag's own; None takes it away again."""
        self._command(lambda number, command: Substitute(number, command, tag, value, reason), progress)

    def set_scan(self, *, on: bool, tag: int | None, connection: str, reason: str, progress: Progress) -> None:
        """Switches acquisition of a tag or of a connection."""
        self._command(lambda number, command: SetScan(number, command, on, tag, connection, reason), progress)

    def set_note(self, tag: int, text: str, progress: Progress) -> None:
        """Pins a note to a tag; empty takes it off."""
        self._command(lambda number, command: SetNote(number, command, tag, text), progress)

    def set_secret(self, connection: str, name: str, value: str, progress: Progress) -> None:
        """Keeps a password in the station's data folder; it can be replaced and never read."""
        self._command(lambda number, command: SetSecret(number, command, connection, name, value), progress)

    def trust(self, driver: str, thumbprint: str, *, trust: bool, progress: Progress) -> None:
        """Accepts or rejects a device's certificate."""
        self._command(lambda number, command: TrustCertificate(number, command, driver, thumbprint, trust), progress)

    # ---- how questions end ----

    def _ask(self, build: Build, kind: type[A], done: Callable[[A | None, str], None]) -> Request:
        def answer(message: Message) -> None:
            if isinstance(message, kind):
                done(message, "")
            elif isinstance(message, Failed):
                done(None, message.reason)

        return self._requests.ask(build, answer)

    def _gather(
        self,
        build: Build,
        kind: type[A],
        rows: Callable[[A], list[T]],
        done: Callable[[list[T], str], None],
        error: Callable[[A], str] = lambda _part: "",
    ) -> Request:
        """Rows that come in one or more messages."""
        found: list[T] = []

        def answer(message: Message) -> None:
            if isinstance(message, kind):
                found.extend(rows(message))
                if is_last(message):
                    done(found, error(message))
            elif isinstance(message, Failed):
                done([], message.reason)

        return self._requests.ask(build, answer)

    def _edited(self, build: Callable[[int], Sequence[Message]], done: Callable[[Edited], None]) -> Request:
        parts: list[Edited] = []

        def answer(message: Message) -> None:
            if isinstance(message, Edited):
                parts.append(message)
                if message.done:
                    done(_joined(parts))
            elif isinstance(message, Failed):
                why = UNKNOWN_EDIT if message.reason == LOST else message.reason
                done(Edited(message.request, applied=False, revision="", error=why))

        return self._requests.ask_in_parts(build, answer)

    def _command(self, build: Callable[[int, str], Message], progress: Progress) -> None:
        command = str(uuid4())
        self._requests.ask(lambda number: build(number, command), results(command, progress))


def _in_messages(edits: Sequence[Edit]) -> list[list[Edit]]:
    """As few messages as the edits fit into."""
    parts: list[list[Edit]] = [[]]
    room = PART
    for edit in edits:
        size = len(edit.document) + _KEYS
        if parts[-1] and size > room:
            parts.append([])
            room = PART
        parts[-1].append(edit)
        room -= size
    return parts


def _joined(parts: Sequence[Edited]) -> Edited:
    """An answer that came in several messages."""
    return structs.replace(
        parts[-1],
        flaws=[flaw for part in parts for flaw in part.flaws],
        changes=[line for part in parts for line in part.changes],
        records=[record for part in parts for record in part.records],
    )
