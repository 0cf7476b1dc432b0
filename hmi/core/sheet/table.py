"""Tags to rows and rows to tags: what a row does not name stays, an empty cell takes a field back to its default."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from hmi.core.check import check_tag
from hmi.core.project import ConnectionConfig
from hmi.core.sheet.cells import Cell, CellError, harmless, plain
from hmi.core.sheet.columns import ALARMS, Column, Document, alarm_columns, column_of, tag_columns
from hmi.core.sheet.rows import cell_of, place_alarms, put
from hmi.core.tag import Tag

Rows = list[list[Cell]]

_ALWAYS: Final = ("kind", "limit", "priority", "message")
"""Columns of an alarm that are there also where no tag has set them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be taken."""

    row: int
    """As a spreadsheet numbers it: the headings are row 1."""
    column: str
    """Its heading; empty: the whole row."""
    what: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.what}" if self.column else f"row {self.row}: {self.what}"


@dataclass(slots=True)
class Reading:
    """What a table says."""

    documents: list[Document] = field(default_factory=list)
    """One of each sound row, in order."""
    rows: list[int] = field(default_factory=list)
    """The row of each."""
    faults: list[Fault] = field(default_factory=list)


def table_of(documents: Iterable[Document]) -> Rows:
    """Headings and one row a tag."""
    listed = list(documents)
    columns: list[tuple[str | None, Column]] = [(None, column) for column in tag_columns().values()]
    ids = list(dict.fromkeys(alarm["id"] for document in listed for alarm in document.get(ALARMS, ())))
    used = {(alarm["id"], key) for document in listed for alarm in document.get(ALARMS, ()) for key in alarm}
    columns += [
        (id_, column)
        for id_ in ids
        for column in alarm_columns().values()
        if column.name in _ALWAYS or (id_, column.path[0]) in used
    ]
    heads = [column.name if id_ is None else f"{ALARMS}.{id_}.{column.name}" for id_, column in columns]
    table: Rows = [[*(harmless(head) for head in heads), ALARMS]]
    for document in listed:
        alarms = {alarm["id"]: alarm for alarm in document.get(ALARMS, ())}
        cells = [cell_of(document if id_ is None else alarms.get(id_, {}), column) for id_, column in columns]
        table.append([*cells, harmless("; ".join(alarms))])
    return table


class _Reader:
    """One reading: the headings, what there is already, and what was found so far."""

    def __init__(
        self,
        present: Iterable[Document],
        connections: Mapping[str, ConnectionConfig],
        new_uid: Callable[[], str],
    ) -> None:
        self.found = Reading()
        self._connections, self._new_uid = connections, new_uid
        self._by_uid = {document["uid"]: document for document in present}
        self._by_path = {document["path"]: document for document in self._by_uid.values()}
        self._heads: list[tuple[str, str | None, Column | None] | None] = []
        self._seen: dict[tuple[str, str], int] = {}

    def headings(self, cells: Sequence[Cell]) -> bool:
        """Whether the table can be read with these headings."""
        names = [plain(str(cell or "").strip()) for cell in cells]
        for name in names:
            place = (None, None) if name == ALARMS else column_of(name)
            if name and place is None:
                self.found.faults.append(Fault(1, name, "there is no such column"))
            if name and names.count(name) > 1:
                self.found.faults.append(Fault(1, name, "stands there twice"))
            self._heads.append((name, *place) if name and place is not None else None)
        if "path" not in names and "uid" not in names:
            self.found.faults.append(Fault(1, "", "neither path nor uid is among the headings"))
        return not self.found.faults

    def row(self, number: int, cells: Sequence[Cell]) -> None:
        """Takes one row in."""
        named = {head[0]: (head, cell) for head, cell in zip(self._heads, cells, strict=False) if head is not None}
        texts = {name: plain(str(named[name][1] or "").strip()) if name in named else "" for name in ("uid", "path")}
        document = self._base(texts["uid"], texts["path"])
        faults: list[Fault] = []
        if ALARMS in named:
            document.update(place_alarms(document, str(named[ALARMS][1] or "")))
        for name, ((_, id_, column), cell) in named.items():
            try:
                if column is not None and name != "uid":
                    put(document, id_, column, cell, listed=ALARMS in named)
            except CellError as error:
                shown = "" if cell in (None, "") else f"{cell!r} "
                faults.append(Fault(number, name, f"{shown}{error}"))
        if not document.get(ALARMS, True):
            del document[ALARMS]
        faults = faults or self._flaws(number, document) + self._doubles(number, document)
        if faults:
            self.found.faults += faults
        else:
            self.found.documents.append(document)
            self.found.rows.append(number)

    def _base(self, uid: str, path: str) -> Document:
        known = self._by_uid.get(uid) if uid else self._by_path.get(path)
        return copy.deepcopy(known) if known is not None else {"uid": uid or self._new_uid()}

    def _flaws(self, number: int, document: Document) -> list[Fault]:
        try:
            tag = msgspec.convert(document, Tag)
        except msgspec.ValidationError as error:
            what, _, place = str(error).partition(" - at `$")
            return [Fault(number, _heading(place.rstrip("`").removeprefix("."), document), what)]
        return [Fault(number, _heading(at, document), what) for at, what in check_tag(tag, self._connections)]

    def _doubles(self, number: int, document: Document) -> list[Fault]:
        faults = []
        for name, remedy in (("uid", "clear the cell of the copy"), ("path", "a path names one tag")):
            first = self._seen.setdefault((name, document[name]), number)
            if first != number:
                faults.append(Fault(number, name, f"{document[name]!r} stands in row {first} already: {remedy}"))
        return faults


def read_table(
    rows: Sequence[Sequence[Cell]],
    present: Iterable[Document],
    connections: Mapping[str, ConnectionConfig],
    new_uid: Callable[[], str],
) -> Reading:
    """The tags of a table with headings; `present` are the project's tags, `new_uid` makes one for each new tag.

    A row is the tag with its uid, without one the tag with its path, else a new tag.
    """
    reader = _Reader(present, connections, new_uid)
    if not rows:
        reader.found.faults.append(Fault(1, "", "the table is empty"))
    elif reader.headings(rows[0]):
        for number, cells in enumerate(rows[1:], 2):
            if any(cell not in (None, "") for cell in cells):
                reader.row(number, cells)
    return reader.found


def _heading(place: str, document: Document) -> str:
    """`alarms[2].limit` as its column is headed: `alarms.HH.limit`; `range[0]` is `range.low`."""

    def alarm(match: re.Match[str]) -> str:
        alarms: list[dict[str, Any]] = document.get(ALARMS, [])
        at = int(match[1])
        return f"{ALARMS}.{alarms[at].get('id', at)}" if at < len(alarms) else ALARMS

    named = re.sub(rf"^{ALARMS}\[(\d+)\]", alarm, place)
    return named.replace("[0]", ".low").replace("[1]", ".high")
