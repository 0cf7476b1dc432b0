"""The audit trail's chain: each record carries the hash of the one before, so that no line can be edited, deleted,
inserted or moved without a trace.

A chain alone does not show that its end was cut off. The head (last number and hash) is therefore kept in two more
places: a table beside it and a file of its own. Somebody who may write all of them can still forge the whole chain:
export the head daily to another machine (`EventStore.audit_head`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Final

AuditValue = float | int | bool | str | None
"""What a value was or becomes."""
GENESIS: Final = "0" * 64
"""The hash before the first record."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What somebody did, tried, or was refused."""

    user: str
    role: str
    station: str
    """Terminal from which it was done."""
    action: str
    """Stable short name, e.g. `write`, `acknowledge`, `sign-in`."""
    object: str
    """What it was done to, e.g. a tag path."""
    old: AuditValue = None
    new: AuditValue = None
    unit: str = ""
    reason: str = ""
    result: str = ""
    """`requested`, `done`, `refused: ...`."""
    correlation: str = ""
    """Ties the records of one command together."""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """A line of the audit trail; `old` and `new` are JSON texts, so that 1, 1.0, true and "1" stay distinct."""

    seq: int
    utc: int
    """ns since 1970 UTC."""
    mono: int
    """Monotonic ns: shows the order also when the clock was set."""
    user: str
    role: str
    station: str
    action: str
    object: str
    old: str
    new: str
    unit: str
    reason: str
    result: str
    correlation: str
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: its last number and hash."""

    seq: int = 0
    hash: str = GENESIS


def seal(entry: AuditEntry, utc: int, mono: int, head: Head) -> AuditRecord:
    """The record that follows `head`."""
    fields = asdict(entry) | {"old": _text(entry.old), "new": _text(entry.new)}
    record = AuditRecord(seq=head.seq + 1, utc=utc, mono=mono, prev_hash=head.hash, hash="", **fields)
    return AuditRecord(**(asdict(record) | {"hash": digest(record)}))


def _text(value: AuditValue) -> str:
    return json.dumps(value, ensure_ascii=False)


def digest(record: AuditRecord) -> str:
    """SHA-256 of the record's fields as JSON (sorted keys, no spaces, ASCII) followed by the hash before it."""
    fields = asdict(record)
    del fields["hash"], fields["prev_hash"]
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((canonical + record.prev_hash).encode()).hexdigest()


def verify(records: Iterable[AuditRecord], table: Head, file: Head | None) -> Iterator[str]:
    """What is wrong with the chain, a sentence each; nothing when it is whole.

    `table` is the head kept beside the records, `file` the one in its own file (None: the file is missing). The file
    may be behind after a power cut, so it must only agree with the record of its number.
    """
    head = Head()
    at_file: str | None = GENESIS if file is not None and file.seq == 0 else None
    for record in records:
        if record.seq != head.seq + 1:
            yield f"After record {head.seq} comes record {record.seq}: records were deleted, inserted or moved."
        if record.prev_hash != head.hash:
            yield f"Record {record.seq} does not follow the one before it: it was inserted, moved, or that one changed."
        if digest(record) != record.hash:
            yield f"Record {record.seq} was changed after it was written."
        head = Head(record.seq, record.hash)
        if file is not None and record.seq == file.seq:
            at_file = record.hash
    if head != table:
        yield f"The trail ends with record {head.seq}, but {table.seq} records were written: its end is missing."
    if file is None:
        if head.seq:
            yield "The file with the end of the trail is missing."
    elif at_file != file.hash:
        yield f"Record {file.seq} is not the one named in the file with the end of the trail: cut off or replaced."
