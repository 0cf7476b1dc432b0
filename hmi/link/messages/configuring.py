"""What an engineer's panel and the station say to each other about the project that runs.

Records travel as the JSON text of the project's files, so that keys which a panel does not know survive an edit. Each
record has a digest; an edit names the digest that the person saw, and the station refuses it when the record is another
by now.
"""

from __future__ import annotations

from msgspec import Struct, field

from hmi.link.messages.base import Message


class Record(Struct, frozen=True, array_like=True):
    """One tag, connection, type or display as the project's files have it."""

    kind: str
    """`tag`, `connection`, `type` or `display`."""
    key: str
    """The tag's uid; the name of anything else."""
    document: bytes
    """JSON object; empty: there is none."""
    digest: str
    """Of the document as it stands on the disk; empty: there is none."""
    place: str = ""
    """File and line, for people."""


class Edit(Struct, frozen=True, array_like=True):
    """One change of one record."""

    kind: str
    key: str
    before: str
    """Digest of the record that the person saw; empty: there was none."""
    document: bytes = b""
    """JSON object to stand there; empty: the record goes."""


class Flaw(Struct, frozen=True, array_like=True):
    """Why an edit cannot be made, or what else to know of it."""

    edit: int
    """Index of the edit; -1: the whole."""
    where: str
    """Path within the record, e.g. `source.address`."""
    what: str
    warns: bool = False
    """Does not keep the edit from being made."""


class GetRecords(Message, frozen=True):
    """Records by kind: tags by path or uid, others by name; no names = all of the kind (refused for tags)."""

    request: int
    kind: str
    names: list[str] = field(default_factory=list)


class Records(Message, frozen=True):
    """Answer to `GetRecords`, in one or more parts; unknown names are missing."""

    request: int
    revision: str
    records: list[Record]
    done: bool = True


class EditProject(Message, frozen=True):
    """Changes records, all or nothing, in the files and in the running station.

    A tag that gets another path is followed by the station in everything that reads it, within the same edit. A tag
    that is still used cannot go. Edits that need more than one message come in parts with one `request` and `command`.
    """

    request: int
    command: str
    """UUID, single use."""
    edits: list[Edit]
    dry: bool = False
    """Only says what would be wrong, and what would change."""
    comment: str = ""
    more: bool = False
    """Further edits follow in another message: nothing happens and nothing is answered before the last one."""


class Edited(Message, frozen=True):
    """Answer to `EditProject`, `ApplyPending` and `RollBack`, in one or more parts: the lists go on in each."""

    request: int
    applied: bool
    revision: str
    flaws: list[Flaw] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    """One line each, for people."""
    records: list[Record] = field(default_factory=list)
    """The edited records as they stand now, with their new digests, those that followed a rename included; of a dry
    run, as they would stand; of a conflict, those that stood there instead."""
    error: str = ""
    done: bool = True


class ProjectChanged(Message, frozen=True):
    """Unasked, to every client: another configuration runs."""

    revision: str
    tags: list[int] = field(default_factory=list)
    """Ids of tags that are new, other or gone: read their directory entries again."""
    whole: bool = False
    """Too much changed to list: read everything again."""
    displays: list[str] = field(default_factory=list)
    """Names of displays that are new, other or gone."""


class WhereUsed(Message, frozen=True):
    """Where tags are used: expressions, interlocks, status tags, displays."""

    request: int
    paths: list[str]


class Uses(Message, frozen=True):
    """Answer to `WhereUsed`: (path, place, how) for people."""

    request: int
    uses: list[tuple[str, str, str]]


class OptionInfo(Struct, frozen=True, array_like=True):
    """One option of a connection as a form shows it."""

    name: str
    help: str
    default: float | int | str | bool
    low: float | None = None
    high: float | None = None
    choices: list[str] = []
    secret: bool = False


class DriverInfo(Struct, frozen=True, array_like=True):
    """One driver that this station has."""

    name: str
    title: str
    endpoint_example: str = ""
    address_example: str = ""
    options: list[OptionInfo] = []
    browses: bool = False
    """Its devices have a directory."""
    error: str = ""
    """Why it cannot be used here; empty: it can."""


class GetDrivers(Message, frozen=True):
    """The drivers that connections can be made with."""

    request: int


class Drivers(Message, frozen=True):
    """Answer to `GetDrivers`."""

    request: int
    drivers: list[DriverInfo]


class DeviceItem(Struct, frozen=True, array_like=True):
    """One place in a device's own directory."""

    node: str
    name: str
    kind: str
    """`folder`, `variable` or `method`."""
    below: bool
    address: str = ""
    type: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    states: dict[str, str] = {}
    description: str = ""
    writable: bool = False


class BrowseDevice(Message, frozen=True):
    """The places below a node of a device's own directory; "" is the top."""

    request: int
    connection: str
    node: str = ""


class DevicePage(Message, frozen=True):
    """Answer to `BrowseDevice`, in one or more parts."""

    request: int
    items: list[DeviceItem]
    done: bool = True
    error: str = ""


class ReadDevice(Message, frozen=True):
    """Reads an address of a running connection once, before a tag of it is saved."""

    request: int
    connection: str
    address: str
    type: str
    driver: dict[str, float | int | str | bool] = field(default_factory=dict)
    """The tag's driver options."""


class DeviceValue(Message, frozen=True):
    """Answer to `ReadDevice`: the device's number, not scaled."""

    request: int
    value: float | str | None
    status: int
    time: int
    error: str = ""


class GetPending(Message, frozen=True):
    """What the files hold that does not run yet, e.g. after a `git pull`."""

    request: int


class Pending(Message, frozen=True):
    """Answer to `GetPending`; also unasked (request 0) when the files have changed."""

    request: int
    running: str
    """Revision that runs."""
    on_disk: str
    changes: list[str] = field(default_factory=list)
    """One line each, for people; the first of many."""
    flaws: list[Flaw] = field(default_factory=list)
    can_roll_back: bool = False
    last_change: str = ""
    """What `RollBack` takes back, for people: what, who, when. While `on_disk` is another than `running` that is the
    files' change, and the station goes on as it is."""


class ApplyPending(Message, frozen=True):
    """Makes the files' configuration run; `on_disk` is what the person saw."""

    request: int
    command: str
    on_disk: str
    comment: str = ""


class RollBack(Message, frozen=True):
    """Brings back the configuration that ran before the last change, in the files and in the station.

    While the files hold something that does not run, they get what runs instead.
    """

    request: int
    command: str
    running: str = ""
    """Revision that the person saw running; empty: whatever runs."""
    comment: str = ""


class Substitute(Message, frozen=True):
    """Puts a person's value in place of a tag's own, flagged as such, until it is taken away (value None).

    Like `SetScan`, `SetNote`, `SetSecret` and `TrustCertificate` it is answered by one `CommandResult`.
    """

    request: int
    command: str
    tag: int
    value: float | str | None
    reason: str = ""


class SetScan(Message, frozen=True):
    """Switches acquisition of a tag or of a whole connection off or on."""

    request: int
    command: str
    on: bool
    tag: int | None = None
    connection: str = ""
    reason: str = ""


class SetNote(Message, frozen=True):
    """Pins a note to a tag; empty takes it off."""

    request: int
    command: str
    tag: int
    text: str


class GetNotes(Message, frozen=True):
    """Notes and overrides of tags; no tags = of all that have any."""

    request: int
    tags: list[int]


class NoteRow(Struct, frozen=True, array_like=True):
    """What people have set on one tag beside its configuration."""

    tag: int
    note: str = ""
    substituted: bool = False
    off_scan: bool = False
    user: str = ""
    time: int = 0
    """ns UTC of the last of them."""
    reason: str = ""
    """Why it is substituted or off scan."""


class Notes(Message, frozen=True):
    """Answer to `GetNotes`, in one or more parts; also unasked (request 0) when one changes."""

    request: int
    rows: list[NoteRow]
    done: bool = True


class SetSecret(Message, frozen=True):
    """Keeps a connection's secret option in the data folder; it can be replaced and never read."""

    request: int
    command: str
    connection: str
    name: str
    value: str


class GetCertificates(Message, frozen=True):
    """Certificates that devices showed to a driver."""

    request: int
    driver: str


class CertificateRow(Struct, frozen=True, array_like=True):
    """One certificate of a device."""

    thumbprint: str
    """SHA-256, hex."""
    subject: str
    application: str
    """Application URI."""
    issuer: str
    valid_from: int
    valid_to: int
    """ns UTC."""
    trusted: bool
    connection: str = ""


class Certificates(Message, frozen=True):
    """Answer to `GetCertificates`."""

    request: int
    rows: list[CertificateRow]


class TrustCertificate(Message, frozen=True):
    """Accepts or rejects a device's certificate."""

    request: int
    command: str
    driver: str
    thumbprint: str
    trust: bool
