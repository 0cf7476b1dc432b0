"""Display: one picture of the plant as a JSON document (`displays/NAME.json`).

The document is data, not code: the panel draws what it knows and shows a box with a sentence where it does not. The
structs of the elements are in `hmi.core.element`.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final

import msgspec
from msgspec import Struct

from hmi.core.element import MAX_PENS, AnyElement, Trend, Unknown
from hmi.core.errors import LinesideError, Problem

SCHEMA: Final = 1
"""Version of the document; a newer one is refused rather than half understood."""


class Level(IntEnum):
    """Place in the ISA-101 hierarchy."""

    OVERVIEW = 1
    UNIT = 2
    DETAIL = 3


class Display(Struct, frozen=True):
    """One picture; elements are drawn in order and visited by the keyboard in reading order."""

    schema: int
    name: str
    title: str
    level: Level
    parent: str
    """Display one level up; empty at the top."""
    size: tuple[float, float]
    """Logical width and height; the panel scales it to its window and keeps the aspect."""
    elements: tuple[AnyElement | Unknown, ...]


class DisplayError(LinesideError):
    """A display document that cannot be drawn, with every reason found."""

    def __init__(self, file: str, problems: tuple[Problem, ...]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}.", f"Correct {file} and load it again.")
        self.problems = problems


class _Document(Struct, frozen=True, forbid_unknown_fields=True):
    schema: int
    name: str
    title: str
    level: Level
    size: tuple[float, float]
    elements: list[msgspec.Raw]
    parent: str = ""


class _Anything(Struct):
    """The fields every element has, whatever its kind."""

    kind: str = ""
    id: str = ""
    x: float = 0
    y: float = 0
    w: float = 160
    h: float = 60


_KINDS: Final = frozenset(str(kind.__struct_config__.tag) for kind in AnyElement.__args__)
_ELEMENT: Final[msgspec.json.Decoder[AnyElement]] = msgspec.json.Decoder(AnyElement)
_ANYTHING: Final = msgspec.json.Decoder(_Anything)
_DOCUMENT: Final = msgspec.json.Decoder(_Document)
_FIELD: Final = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<field>.*?)`)?$", re.DOTALL)


def decode_display(data: bytes, file: str) -> Display:
    """The display of a document; `file` is how errors name it.

    Raises:
        DisplayError: not JSON, a missing or wrong field, two elements of one id; it lists all of them.
    """
    try:
        document = _DOCUMENT.decode(data)
    except msgspec.DecodeError as error:
        raise DisplayError(file, (_problem(file, "", str(error)),)) from None
    if document.schema != SCHEMA:
        what = f"schema {document.schema} is not known; this program reads schema {SCHEMA}"
        raise DisplayError(file, (Problem(file, 0, "schema", what),))
    elements: list[AnyElement | Unknown] = []
    problems: list[Problem] = []
    for number, raw in enumerate(document.elements):
        try:
            elements.append(_element(raw))
        except msgspec.DecodeError as error:
            problems.append(_problem(file, _name(raw, number), str(error)))
    problems += _check(file, document, elements)
    if problems:
        raise DisplayError(file, tuple(problems))
    return Display(
        SCHEMA, document.name, document.title, document.level, document.parent, document.size, tuple(elements)
    )


def _element(raw: msgspec.Raw) -> AnyElement | Unknown:
    anything = _ANYTHING.decode(raw)
    if anything.kind in _KINDS:
        return _ELEMENT.decode(raw)
    sentence = f"Element {anything.id or '?'} has the unknown kind {anything.kind or '(none)'}."
    return Unknown(id=anything.id, x=anything.x, y=anything.y, w=anything.w, h=anything.h, sentence=sentence)


def _name(raw: msgspec.Raw, number: int) -> str:
    """How an error names an element: by its id, else by its place."""
    try:
        given = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        given = None
    name = given.get("id") if isinstance(given, dict) else None
    return f"element {name}" if isinstance(name, str) and name else f"elements[{number}]"


def _problem(file: str, element: str, text: str) -> Problem:
    """msgspec's message as a place and a reason."""
    found = _FIELD.match(text)
    what, field = (found["what"], found["field"] or "") if found else (text, "")
    where = f"{element}, field {field}" if element and field else element or field
    return Problem(file, 0, where, what[:1].lower() + what[1:])


def _check(file: str, document: _Document, elements: list[AnyElement | Unknown]) -> list[Problem]:
    """What types cannot say: size, ids, number of pens."""
    problems: list[Problem] = []
    if min(document.size) <= 0:
        problems.append(Problem(file, 0, "size", "width and height must be above 0"))
    seen: set[str] = set()
    for element in elements:
        if element.id in seen and element.id:
            problems.append(Problem(file, 0, f"element {element.id}", "another element has the same id"))
        seen.add(element.id)
        if isinstance(element, Trend) and not 1 <= len(element.pens) <= MAX_PENS:
            problems.append(
                Problem(file, 0, f"element {element.id}, field pens", f"a trend needs 1 to {MAX_PENS} pens")
            )
    return problems


def paths(display: Display) -> frozenset[str]:
    """Every tag the display shows: what its page subscribes to."""
    return frozenset(path for element in display.elements for path in element.paths())
