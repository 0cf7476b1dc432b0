"""Displays with instances on them: an element of the kind `instance` becomes the elements of its type's picture."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from hmi.core.template.document import Flaw, Instance
from hmi.core.template.expand import Expander, symbol_elements

KIND: Final = "instance"


def laid_out(data: bytes, instances: Mapping[str, Instance], types: Expander) -> tuple[bytes, list[Flaw]]:
    """A display's JSON with the instances' pictures in it, and what is wrong; `instances` by path.

    An element that cannot be laid out stays, so that the panel shows a box with a sentence in its place.
    """
    if b'"instance"' not in data:
        return data, []
    document: Any = json.loads(data)
    if not isinstance(document, dict) or not isinstance(document.get("elements"), list):
        return data, []  # its own error is told when it is decoded
    elements: list[Any] = []
    flaws: list[Flaw] = []
    for element in document["elements"]:
        if not isinstance(element, dict) or element.get("kind") != KIND:
            elements.append(element)
            continue
        why = _why_not(element, instances, types)
        if why:
            flaws.append(Flaw(f"element {element.get('id', '?')}", why))
            elements.append(element)
        else:
            instance = instances[element["instance"]]
            whole = types.whole(instance.of)
            elements += symbol_elements(whole, element, instance.parameters) if whole is not None else []
    return json.dumps({**document, "elements": elements}, ensure_ascii=False).encode(), flaws


def _why_not(element: Mapping[str, Any], instances: Mapping[str, Instance], types: Expander) -> str:
    name = element.get("instance")
    instance = instances.get(name) if isinstance(name, str) else None
    if instance is None:
        return f"there is no instance {name!r}"
    for key in ("x", "y", "scale"):
        if not isinstance(element.get(key, 0), int | float):
            return f"{key} must be a number"
    whole = types.whole(instance.of)
    if whole is None or not whole.display:
        return f"the type {instance.of!r} has no picture"
    return ""
