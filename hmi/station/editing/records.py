"""Records: the tags, connections, types and displays of a project, one JSON document each."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final, Literal, NamedTuple

import msgspec

Kind = Literal["tag", "connection", "type", "display"]
KINDS: Final[tuple[Kind, ...]] = ("tag", "connection", "type", "display")

Document = dict[str, Any]


class Key(NamedTuple):
    """Names a record."""

    kind: Kind
    name: str
    """A tag's uid; the name of anything else."""


def digest(document: bytes) -> str:
    """What an edit names to say which state of a record a person saw; empty for none."""
    return hashlib.sha256(document).hexdigest()[:16] if document else ""


def decoded(document: bytes) -> Document:
    """The object of a document.

    Raises:
        ValueError: it is no JSON object, or has numbers that JSON does not know.
    """
    try:
        found = msgspec.json.decode(document)
    except msgspec.DecodeError as error:
        raise ValueError(f"is no valid JSON: {error}") from error
    if not isinstance(found, dict):
        raise ValueError("must be a JSON object")
    return found


def line_of(document: Document) -> bytes:
    """A document as a line of a file: keys sorted, so that a change shows as what it is."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True).encode()
