"""Sparkplug topics: who says what kind of thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

NAMESPACE: Final = "spBv1.0"


class Kind(StrEnum):
    """Kinds of messages."""

    NBIRTH = "NBIRTH"
    NDEATH = "NDEATH"
    NDATA = "NDATA"
    NCMD = "NCMD"
    DBIRTH = "DBIRTH"
    DDEATH = "DDEATH"
    DDATA = "DDATA"
    DCMD = "DCMD"

    @property
    def of_device(self) -> bool:
        """Whether it is about a device behind an edge node."""
        return self.value[0] == "D"


HEARD: Final = (Kind.NBIRTH, Kind.NDEATH, Kind.NDATA, Kind.DBIRTH, Kind.DDEATH, Kind.DDATA)
"""What a host listens to; commands are for edge nodes."""


@dataclass(frozen=True, slots=True)
class NodeId:
    """One edge node of the whole system."""

    group: str
    edge: str

    def __str__(self) -> str:
        return f"{self.group}/{self.edge}"


@dataclass(frozen=True, slots=True)
class Topic:
    """A message's topic, taken apart."""

    kind: Kind
    node: NodeId
    device: str = ""
    """Empty for the edge node itself."""


def parse_topic(text: str) -> Topic | None:
    """The parts of a topic; None when it is no message of an edge node."""
    parts = text.split("/")
    if len(parts) not in {4, 5} or parts[0] != NAMESPACE or parts[2] not in set(Kind) or not all(parts):
        return None
    kind = Kind(parts[2])
    if kind.of_device is not (len(parts) == 5):
        return None
    return Topic(kind, NodeId(parts[1], parts[3]), parts[4] if kind.of_device else "")


def command_topic(node: NodeId, device: str) -> str:
    """Where a command for an edge node or a device goes."""
    kind = Kind.DCMD if device else Kind.NCMD
    return "/".join([NAMESPACE, node.group, kind, node.edge, *([device] if device else [])])


def state_topic(host: str) -> str:
    """Where a host application tells whether it is there."""
    return f"{NAMESPACE}/STATE/{host}"


def filters(groups: tuple[str, ...]) -> list[str]:
    """What to subscribe to for these groups; none means all."""
    return [
        f"{NAMESPACE}/{group}/{kind}/+{'/+' if kind.of_device else ''}" for group in groups or ("+",) for kind in HEARD
    ]
