"""One field of one tag's document: taken out for a cell, put in from one."""

from __future__ import annotations

from typing import Any

from hmi.core.sheet.cells import Cell, CellError, plain
from hmi.core.sheet.columns import ALARMS, Column, Document


def cell_of(document: Document, column: Column) -> Cell:
    """The cell of a field; None where the document leaves it at its default."""
    value: Any = document
    for key in column.path:
        if value is None or (isinstance(key, str) and key not in value):
            return None
        value = value[key]
    if column.presence:
        return column.write(value is not None)
    return None if value is None else column.write(value)


def place_alarms(document: Document, ids: str) -> dict[str, Any]:
    """The alarms that a cell lists, in its order: known ones as they are, new ones to be filled; others go."""
    known = {alarm["id"]: alarm for alarm in document.get(ALARMS, ())}
    wanted = dict.fromkeys(part.strip() for part in plain(ids).split(";") if part.strip())
    return {ALARMS: [known.get(id_, {"id": id_}) for id_ in wanted]}


def put(document: Document, id_: str | None, column: Column, cell: Cell, *, listed: bool) -> None:
    """Puts a cell into a field of the tag, or of its alarm `id_`; `listed`: the table says which alarms there are.

    Raises:
        CellError: the cell does not say what the field needs.
    """
    empty = cell is None or (isinstance(cell, str) and not cell.strip())
    owner = document if id_ is None else _alarm(document, id_, listed=listed, make=not empty)
    if owner is None:
        return
    if column.presence:
        _put_presence(owner, column, present=not empty and bool(column.read(cell)))
    elif isinstance(column.path[-1], int):
        _put_end(owner, column, None if empty else column.read(cell))
    elif empty:
        _take(owner, column.path)
    else:
        _inside(owner, column.path)[column.path[-1]] = column.read(cell)


def _alarm(document: Document, id_: str, *, listed: bool, make: bool) -> Document | None:
    alarms: list[Document] = document.get(ALARMS, [])
    for alarm in alarms:
        if alarm["id"] == id_:
            return alarm
    if not make:
        return None
    if listed:
        raise CellError(f"belongs to an alarm that the column {ALARMS} does not list: write {id_} there too")
    document.setdefault(ALARMS, []).append({"id": id_})
    made: Document = document[ALARMS][-1]
    return made


def _inside(owner: Document, path: tuple[str | int, ...]) -> Document:
    """The part of a document that holds the last key of a path, made where it is missing."""
    for key in path[:-1]:
        owner[str(key)] = owner.get(str(key)) or {}
        owner = owner[str(key)]
    return owner


def _take(owner: Document, path: tuple[str | int, ...]) -> None:
    """Removes a key; a part that stands empty after it stays, since being there may mean something."""
    for key in path[:-1]:
        below = owner.get(str(key))
        if not isinstance(below, dict):
            return
        owner = below
    owner.pop(str(path[-1]), None)


def _put_presence(owner: Document, column: Column, *, present: bool) -> None:
    # The columns of the part come after this one, so a filled one of them makes it again.
    if present:
        inside = _inside(owner, column.path)
        inside[str(column.path[-1])] = inside.get(str(column.path[-1])) or {}
    else:
        _take(owner, column.path)


def _put_end(owner: Document, column: Column, value: Any) -> None:
    """One number of a pair; the pair is whole when the other has come."""
    *path, at = column.path
    if value is None:
        pair = _peek(owner, tuple(path))
        if pair is not None and at == 0:
            _take(owner, tuple(path))
        elif pair is not None and len(pair) == 2 and None not in pair:
            raise CellError("is empty while the other end is not: fill both or none")
        return
    inside = _inside(owner, tuple(path))
    pair = list(inside.get(str(path[-1])) or [None, None])
    pair[int(at)] = value
    inside[str(path[-1])] = pair


def _peek(owner: Document, path: tuple[str | int, ...]) -> Any:
    for key in path:
        if not isinstance(owner, dict) or key not in owner:
            return None
        owner = owner[str(key)]
    return owner
