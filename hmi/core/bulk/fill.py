"""One field of many tags: set, or filled down from the first."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from hmi.core.sheet.cells import Cell, CellError
from hmi.core.sheet.columns import ALARMS, Document, column_of
from hmi.core.sheet.rows import cell_of, place_alarms, put


def cell_in(document: Document, heading: str) -> Cell:
    """The cell of a tag under a heading of the tag table; None where there is no such column, or nothing in it."""
    place = column_of(heading)
    if place is None:
        return None
    id_, column = place
    owner = document if id_ is None else next((a for a in document.get(ALARMS, ()) if a.get("id") == id_), None)
    return None if owner is None else cell_of(owner, column)


def with_cell(document: Document, heading: str, cell: Cell) -> Document:
    """A copy with another cell; an empty one takes the field back to its default.

    Raises:
        CellError: there is no such column, or the cell does not say what it needs.
    """
    made = copy.deepcopy(document)
    if heading == ALARMS:
        made.update(place_alarms(made, str(cell or "")))
    else:
        place = column_of(heading)
        if place is None:
            raise CellError(f"there is no field {heading}")
        put(made, *place, cell, listed=False)
    if not made.get(ALARMS, True):
        del made[ALARMS]
    return made


def filled_down(documents: Sequence[Document], heading: str) -> list[Document]:
    """The tags with the first one's cell in all of them.

    Raises:
        CellError: there is no such column.
    """
    if heading in ("uid", "path"):
        raise CellError(f"{heading} is another one in each tag: copy with a pattern, or find and replace")
    if not documents:
        return []
    if heading == ALARMS:
        return [{**copy.deepcopy(each), ALARMS: copy.deepcopy(documents[0].get(ALARMS, []))} for each in documents]
    first = cell_in(documents[0], heading)
    return [with_cell(document, heading, first) for document in documents]
