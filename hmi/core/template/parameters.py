"""Parameters in a member's texts: `{base}.Speed`. A text that is nothing but `{high}` takes the value with its type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from hmi.core.template.document import Value

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLACE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*|\./)")
"""`{name}` of a parameter, or the beginning of `{./speed}`: a tag of the same instance. Expressions name tags in braces
too, with the path of a whole tag; those are left as they are."""


def as_text(value: Value) -> str:
    """How a parameter reads inside a text."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def substituted(document: Any, values: Mapping[str, Value], below: str) -> Any:
    """A copy with the parameters' values, and `{./x}` as `{<below>x}`; a name that is no parameter stays."""
    if isinstance(document, str):
        return _text(document, values, below)
    if isinstance(document, Mapping):
        return {key: substituted(value, values, below) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [substituted(value, values, below) for value in document]
    return document


def _text(text: str, values: Mapping[str, Value], below: str) -> Any:
    if "{" not in text:
        return text
    if text.startswith("{") and text.endswith("}") and text[1:-1] in values:
        return values[text[1:-1]]

    def replace(match: re.Match[str]) -> str:
        name = match[1]
        if name == "./":
            return f"{{{below}"
        if match.string[match.end() : match.end() + 1] != "}" or name not in values:
            return match[0]
        return f"\0{as_text(values[name])}\0"

    # The closing brace of a parameter goes with its name; the marks keep it apart from braces inside a value.
    return re.sub(r"\0([^\0]*)\0\}", r"\1", _PLACE.sub(replace, text))
