"""Numbers, rights and names as vendors write them into a register map."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from hmi.core.sheet.cells import CellError


def number(text: str) -> float:
    """A factor or offset: `0.1`, `0,1`, `x0.1`, `1/10`, `/10`, `10^-1`, `0.1 °C`."""
    plain = text.strip().lstrip("x×*").replace("÷", "/").strip()
    power = re.fullmatch(r"10\s*\^\s*([+-]?\d+)", plain)
    if power is not None:
        return float(10.0 ** int(power[1])) if abs(int(power[1])) < _POWERS else _no_number()
    figure = r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d{1,2})?"
    found = re.fullmatch(rf"(?P<up>{figure})?(?:\s*/\s*(?P<down>{figure}))?\s*(?P<unit>[^\d\s].*)?", plain)
    if found is None or not (found["up"] or found["down"]):
        return _no_number()
    down = _figure(found["down"] or "1")
    return _no_number() if down == 0 else _figure(found["up"] or "1") / down


_POWERS: Final = 19


def _figure(text: str) -> float:
    return float(text.replace(",", "."))


def _no_number() -> float:
    raise CellError("is no number, e.g. 0.1 or 1/10")


_WRITE: Final = {"rw", "w", "wo", "write", "writeonly", "readwrite", "rdwr", "yes", "true", "rwr", "wr", "writable"}
_READ: Final = {"", "r", "ro", "read", "readonly", "rd", "no", "false"}


def writable(text: str) -> bool:
    """Whether a value can be written, says the column of the access; an empty cell says no."""
    plain = re.sub(r"[^a-z]", "", text.lower())
    if plain not in _WRITE | _READ:
        raise CellError("says neither R nor RW")
    return plain in _WRITE


def path(text: str) -> str:
    """A tag path out of a vendor's name: letters that a path cannot have are left out or become `_`."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    parts = [re.sub(r"[^A-Za-z0-9_.\- ]+", "_", part).strip(" _.-") for part in plain.split("/")]
    made = "/".join(re.sub(r"\s+", " ", part) for part in parts if part)
    if not made:
        raise CellError("is no name")
    return made
