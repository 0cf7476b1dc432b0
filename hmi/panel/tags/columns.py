"""The fields of a tag as the editor's columns, in the order in which engineers think of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

COLUMNS: Final = (
    ("path", "Path"),
    ("type", "Type"),
    ("description", "Description"),
    ("unit", "Unit"),
    ("range.low", "Low"),
    ("range.high", "High"),
    ("source.kind", "Source"),
    ("source.connection", "Connection"),
    ("source.address", "Address"),
    ("source.expression", "Expression"),
    ("source.default", "Default"),
    ("scan", "Scan s"),
    ("deadband", "Deadband"),
    ("alarms.LL.limit", "LL"),
    ("alarms.L.limit", "L"),
    ("alarms.H.limit", "H"),
    ("alarms.HH.limit", "HH"),
    ("history.store", "History"),
    ("history.deadband", "Hist. deadband"),
    ("states", "States"),
    ("scaling.raw.low", "Raw low"),
    ("scaling.raw.high", "Raw high"),
    ("scaling.eu.low", "EU low"),
    ("scaling.eu.high", "EU high"),
    ("write", "Writable"),
    ("write.low", "Write low"),
    ("write.high", "Write high"),
    ("write.interlock", "Interlock"),
)
WIDTHS: Final = (230, 58, 180, 60, 60, 60, 84, 90, 170, 150, 68, 64, 84, 56, 56, 56, 56, 64, 118, 120, *(82,) * 8)


def heading_of(where: str, document: dict[str, Any]) -> str:
    """`alarms[1].limit` of a tag as its column is called: `alarms.HH.limit`."""

    def alarm(match: re.Match[str]) -> str:
        alarms = document.get("alarms", [])
        at = int(match[1])
        return f"alarms.{alarms[at].get('id', at)}" if at < len(alarms) else "alarms"

    named = re.sub(r"^alarms\[(\d+)\]", alarm, where)
    named = named.replace("[0]", ".low").replace("[1]", ".high")
    return {"range": "range.low", "scaling.raw": "scaling.raw.low", "source": "source.kind"}.get(named, named)


def new_tag(uid: str, beside: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A tag to begin with, at the place of the last one in the table."""
    folder = beside[-1]["path"].rpartition("/")[0] if beside else "plant"
    return {"uid": uid, "path": f"{folder}/new", "type": "float", "source": {"kind": "memory"}}
