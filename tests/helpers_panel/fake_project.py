"""The project of a fake station: records with digests, edits that are judged, devices that can be browsed."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from msgspec import structs

from hmi.link.messages import (
    ApplyPending,
    BrowseDevice,
    CertificateRow,
    Certificates,
    CommandResult,
    DeviceItem,
    DevicePage,
    DeviceValue,
    DriverInfo,
    Drivers,
    Edit,
    Edited,
    EditProject,
    Flaw,
    GetCertificates,
    GetDrivers,
    GetNotes,
    GetPending,
    GetRecords,
    Message,
    NoteRow,
    Notes,
    OptionInfo,
    Pending,
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

OPCUA = DriverInfo(
    "opcua",
    "OPC UA",
    "opc.tcp://192.168.0.10:4840",
    "ns=2;s=Mixer.Level",
    [
        OptionInfo("security", "How messages are protected", "None", choices=["None", "Sign", "SignAndEncrypt"]),
        OptionInfo("publishing", "Seconds between packets of changes", 0.1, low=0.01, high=1.0),
        OptionInfo("user", "Signs in with this name", ""),
        OptionInfo("password", "Of the user", "", secret=True),
    ],
    browses=True,
)
MODBUS = DriverInfo("modbus", "Modbus", "modbus://192.168.0.20:502", "holding:107:float32")


def digest(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()[:12] if document else ""


@dataclass
class FakeProject:
    """What the project's files hold; every edit bumps the revision."""

    records: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """Document by (kind, key)."""
    wrong: dict[str, tuple[str, str]] = field(default_factory=dict)
    """(where, what) by key: what is wrong with an edit of it."""
    uses: list[tuple[str, str, str]] = field(default_factory=list)
    drivers: list[DriverInfo] = field(default_factory=lambda: [OPCUA, MODBUS])
    devices: dict[tuple[str, str], list[DeviceItem]] = field(default_factory=dict)
    """What lies below (connection, node)."""
    readings: dict[tuple[str, str], DeviceValue] = field(default_factory=dict)
    certificates: list[CertificateRow] = field(default_factory=list)
    pending: Pending = field(default_factory=lambda: Pending(0, "r1", "r1"))
    notes: dict[int, NoteRow] = field(default_factory=dict)
    part: int = 1000
    """Records an answer."""
    revision: int = 1

    def __post_init__(self) -> None:
        self.edited: list[EditProject] = []
        self._parts: list[Edit] = []
        self.commands: list[Message] = []

    def put(self, kind: str, key: str, **document: object) -> Record:
        data = json.dumps(document, sort_keys=True).encode()
        self.records[kind, key] = data
        return Record(kind, key, data, digest(data))

    def document(self, kind: str, key: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.records[kind, key])
        return found

    def answer(self, m: Message) -> list[Message] | None:
        """The answers to a message about the project; None when it is about something else."""
        found = self._answers().get(type(m))
        return None if found is None else list(found(m))

    def _answers(self) -> dict[type[Message], Callable[..., Iterable[Message]]]:
        return {
            GetRecords: self._records,
            EditProject: self._edit_part,
            WhereUsed: lambda m: [Uses(m.request, [use for use in self.uses if use[0] in m.paths])],
            GetDrivers: lambda m: [Drivers(m.request, self.drivers)],
            BrowseDevice: self._browse,
            ReadDevice: self._read,
            GetPending: lambda m: [structs.replace(self.pending, request=m.request)],
            ApplyPending: self._applied,
            RollBack: self._applied,
            GetCertificates: lambda m: [Certificates(m.request, self.certificates)],
            GetNotes: self._notes,
            **dict.fromkeys((Substitute, SetScan, SetNote, SetSecret, TrustCertificate), self._command),
        }

    def _notes(self, m: GetNotes) -> list[Message]:
        """One a message, as of a station with long notes."""
        rows = [self.notes[tag] for tag in m.tags if tag in self.notes]
        return [Notes(m.request, [row], done=row is rows[-1]) for row in rows] or [Notes(m.request, [])]

    def _browse(self, m: BrowseDevice) -> list[Message]:
        found = self.devices.get((m.connection, m.node))
        error = "" if found is not None else f"{m.connection} does not answer."
        return [DevicePage(m.request, found or [], error=error)]

    def _read(self, m: ReadDevice) -> list[Message]:
        none = DeviceValue(0, None, 0, 0, f"{m.connection} has no {m.address}.")
        return [structs.replace(self.readings.get((m.connection, m.address), none), request=m.request)]

    def _applied(self, m: ApplyPending | RollBack) -> list[Message]:
        self.commands.append(m)
        return [Edited(m.request, applied=True, revision=self._next())]

    def _command(self, m: Substitute | SetScan | SetNote | SetSecret | TrustCertificate) -> list[Message]:
        self.commands.append(m)
        return [CommandResult(m.request, m.command, "done", "Done.")]

    def _next(self) -> str:
        self.revision += 1
        return f"r{self.revision}"

    def _name(self, kind: str, key: str) -> str:
        return str(self.document(kind, key).get("path", key))

    def _records(self, m: GetRecords) -> list[Message]:
        keys = [key for kind, key in self.records if kind == m.kind]
        wanted = [key for key in keys if not m.names or self._name(m.kind, key) in m.names]
        records = [Record(m.kind, key, self.records[m.kind, key], digest(self.records[m.kind, key])) for key in wanted]
        parts = [records[at : at + self.part] for at in range(0, len(records), self.part)] or [[]]
        return [Records(m.request, f"r{self.revision}", part, done=part is parts[-1]) for part in parts]

    def _edit_part(self, m: EditProject) -> list[Message]:
        """Parts of a large edit are one edit when the last has come."""
        self._parts += m.edits
        if m.more:
            return []
        edits, self._parts = self._parts, []
        return [self._edit(structs.replace(m, edits=edits))]

    def _edit(self, m: EditProject) -> Edited:
        self.edited.append(m)
        conflicts = [e for e in m.edits if digest(self.records.get((e.kind, e.key), b"")) != e.before]
        if conflicts:
            now = [self._now(e) for e in conflicts]
            return Edited(
                m.request, applied=False, revision=f"r{self.revision}", records=now, error="Changed meanwhile."
            )
        flaws = [Flaw(at, *self.wrong[e.key]) for at, e in enumerate(m.edits) if e.document and e.key in self.wrong]
        if flaws or m.dry:
            changes = [f"{e.kind} {e.key}" for e in m.edits]
            return Edited(m.request, applied=False, revision=f"r{self.revision}", flaws=flaws, changes=changes)
        for e in m.edits:
            self._apply(e)
        return Edited(m.request, applied=True, revision=self._next(), records=[self._now(e) for e in m.edits])

    def _apply(self, e: Edit) -> None:
        if e.document:
            self.records[e.kind, e.key] = e.document
        else:
            self.records.pop((e.kind, e.key), None)

    def _now(self, e: Edit) -> Record:
        data = self.records.get((e.kind, e.key), b"")
        return Record(e.kind, e.key, data, digest(data))
