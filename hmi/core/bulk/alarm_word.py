"""An alarm word of a PLC, whose bits are alarms, as so many tags with one alarm each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from hmi.core.errors import LinesideError
from hmi.core.sheet.columns import Document

BITS: Final = 53
"""As many as a whole number has that is exact."""


def alarm_word(
    word: Document, texts: Sequence[str], new_uid: Callable[[], str], *, priority: int = 3, active: bool = True
) -> list[Document]:
    """One discrete tag and alarm for each bit that has a text, the lowest bit first; an empty text leaves a bit out.

    Each tag is computed from the word, so that the word is read once and its quality counts. `active` is the value of a
    bit that is an alarm.

    Raises:
        LinesideError: the word is no whole number, or there are more texts than bits.
    """
    if word.get("type") not in ("int", "enum"):
        raise LinesideError(
            f"{word['path']} is of type {word.get('type')}.", "An alarm word is a whole number: type int."
        )
    if len(texts) > BITS:
        raise LinesideError(f"{len(texts)} texts are more than a word has bits.", f"Give at most {BITS}.")
    if not any(text.strip() for text in texts):
        raise LinesideError("No bit has a text.", "Write what each alarm means, the lowest bit first.")
    wide = len(str(len(texts) - 1))
    return [
        {
            "uid": new_uid(),
            "path": f"{word['path']}/bit{bit:0{wide}d}",
            "type": "bool",
            "description": text.strip(),
            "source": {"kind": "expression", "expression": f"bit({{{word['path']}}}, {bit})"},
            "alarms": [
                {
                    "id": "alarm",
                    "kind": "off_normal",
                    "normal": 0 if active else 1,
                    "priority": priority,
                    "message": text.strip(),
                }
            ],
        }
        for bit, text in enumerate(texts)
        if text.strip()
    ]
