"""How a tag of a Logix controller is written: `Level`, `Program:Main.Step`, `Pump.Speed`, `Grid[1,2]`, `Word.5`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hmi.core.tag import TagType
from hmi.drivers.api import AddressError

_NAME: Final = r"[A-Za-z_]\w{0,39}"
_INDEX: Final = r"\[\d{1,6}(?:,\d{1,6}){0,2}\]"
_FORM: Final = re.compile(
    rf"(?P<program>Program:{_NAME}\.)?(?P<base>(?!Program:){_NAME}(?::\w+)*(?:{_INDEX})?)"
    rf"(?P<members>(?:\.{_NAME}(?:{_INDEX})?)*)(?:\.(?P<bit>\d{{1,2}}))?",
    re.ASCII,
)
_LONGEST: Final = 400
_EXAMPLES: Final = "Examples: Level, Program:Main.Step, Pump.Speed, Grid[1,2], Word.5."


@dataclass(frozen=True, slots=True)
class Step:
    """A name on the way to a value, with the element that is meant."""

    name: str
    index: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}[{','.join(map(str, self.index))}]" if self.index else self.name


@dataclass(frozen=True, slots=True)
class TagAddress:
    """The way to one value."""

    program: str
    """Its program, `Program:Main`; empty: the controller."""
    steps: tuple[Step, ...]
    bit: int | None
    """Bit of an integer."""
    text: bool
    """The tag that shows it is a string."""

    def __str__(self) -> str:
        way = ".".join(str(step) for step in self.steps)
        return f"{self.program}.{way}" if self.program else way


def parse_address(text: str, type_: TagType) -> TagAddress:
    """The tag that an address names; what type it has only the controller knows.

    Raises:
        AddressError: with examples that are right.
    """
    match = _FORM.fullmatch(text.strip())
    if match is None or len(text) > _LONGEST:
        raise AddressError(f"'{text}' is no tag of a Logix controller.", _EXAMPLES)
    bit = None if match["bit"] is None else int(match["bit"])
    if bit is not None and bit > 63:
        raise AddressError(f"'{text}': an integer has the bits 0 to 63 at most.", _EXAMPLES)
    is_text = type_ is TagType.STRING
    if is_text and bit is not None:
        raise AddressError(f"'{text}' is a bit, the tag is a text.", "Change the tag's type or the address.")
    steps = [_step(part) for part in [match["base"], *match["members"].split(".")[1:]]]
    return TagAddress((match["program"] or "").removesuffix("."), tuple(steps), bit, is_text)


def _step(part: str) -> Step:
    name, _, rest = part.partition("[")
    return Step(name, tuple(int(digits) for digits in rest.removesuffix("]").split(",")) if rest else ())
