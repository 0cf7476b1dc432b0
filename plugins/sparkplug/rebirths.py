"""Which edge nodes are asked to tell everything again, and when: one request, not a storm of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .topics import NodeId

_LONGEST: Final = 32
"""A node that does not answer is asked ever more seldom, down to this many times the shortest wait."""


@dataclass(slots=True)
class _Want:
    at: int
    """Monotonic ns from which the request may be sent."""
    wait: int
    """ns until the next one after it."""
    wanted: bool = True


class Rebirths:
    """Requests that are due, by node."""

    def __init__(self, shortest: int) -> None:
        """`shortest`: ns between two requests to one node."""
        self._shortest = shortest
        self._wants: dict[NodeId, _Want] = {}

    def want(self, node: NodeId, mono: int) -> None:
        """What is known of the node is not enough."""
        known = self._wants.get(node)
        if known is None:
            self._wants[node] = _Want(mono, self._shortest)
        elif not known.wanted:
            # A node whose births do not help is asked ever more seldom; one that was right for long begins anew.
            if mono - known.at > known.wait:
                known.wait = self._shortest
            known.wanted = True

    def born(self, node: NodeId) -> None:
        """The node has told everything."""
        known = self._wants.get(node)
        if known is not None:
            known.wanted = False

    def at(self, node: NodeId) -> int | None:
        """Monotonic ns of the next request to this node."""
        want = self._wants.get(node)
        return want.at if want is not None and want.wanted else None

    @property
    def deadline(self) -> int | None:
        """Monotonic ns of the next request."""
        return min((want.at for want in self._wants.values() if want.wanted), default=None)

    def due(self, mono: int) -> list[NodeId]:
        """The nodes to ask now; they are asked again only when they are still wanted after their wait."""
        found = [node for node, want in self._wants.items() if want.wanted and mono >= want.at]
        for node in found:
            want = self._wants[node]
            want.at, want.wanted = mono + want.wait, False
            want.wait = min(2 * want.wait, _LONGEST * self._shortest)
        return found
