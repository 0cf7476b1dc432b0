"""All edge nodes that one host application hears, and what it has to do about them. It knows no network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from hmi.core.instants import Instants, seconds

from .node import EdgeNode, News
from .options import SparkplugOptions
from .payload import BadPayloadError, Codec
from .rebirths import Rebirths
from .topics import Kind, NodeId, parse_topic

MOST_NODES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Heard:
    """What was learnt of one node."""

    node: EdgeNode
    news: News


class Host:
    """The nodes of one session of the host."""

    def __init__(self, options: SparkplugOptions, codec: Codec, count: Callable[[str, int], None]) -> None:
        self._reorder = seconds(options.reorder)
        self._codec = codec
        self._count = count
        self.nodes: dict[NodeId, EdgeNode] = {}
        self.rebirths = Rebirths(seconds(options.rebirth))
        self.wanted: frozenset[NodeId] = frozenset()
        """Nodes that have tags: only these are asked for births without a person's wish."""

    def node(self, identity: NodeId) -> EdgeNode | None:
        """A node; None when there are too many already."""
        known = self.nodes.get(identity)
        if known is None and (len(self.nodes) < MOST_NODES or identity in self.wanted):
            known = self.nodes[identity] = EdgeNode(identity, self._reorder)
        return known

    def take(self, topic: str, payload: bytes, now: Instants) -> Heard | None:
        """Takes one message; None when it says nothing."""
        parsed = parse_topic(topic)
        if parsed is None or parsed.kind in {Kind.NCMD, Kind.DCMD}:
            return None
        self._count("messages", 1)
        node = self.node(parsed.node)
        if node is None:
            self._count("too_many_nodes", 1)
            return None
        try:
            message = self._codec.decode(payload)
        except BadPayloadError:
            # When it was meant, its number is missing now, and the sequence finds that out.
            self._count("bad_payloads", 1)
            return None
        news = News()
        node.take(parsed, message, now, news)
        return self._heard(node, news, now)

    def expire(self, now: Instants) -> Iterator[Heard]:
        """What is due at this moment."""
        for node in self.nodes.values():
            if node.deadline is not None and now.mono >= node.deadline:
                news = News()
                node.expire(now, news)
                yield self._heard(node, news, now)

    def _heard(self, node: EdgeNode, news: News, now: Instants) -> Heard:
        for name, amount in news.counts.items():
            if amount:
                self._count(name, amount)
        if "" in news.born:
            self.rebirths.born(node.identity)
        # Asked for while it was being born: a type that does not fit in the birth itself is told again no better.
        elif news.rebirth and node.identity in self.wanted:
            self.rebirths.want(node.identity, now.mono)
        return Heard(node, news)

    def ask_unborn(self, now: Instants) -> None:
        """Wants births of the nodes that have tags and were not heard."""
        for identity in self.wanted:
            node = self.nodes.get(identity)
            if node is None or not node.online:
                self.rebirths.want(identity, now.mono)

    def due(self, node: EdgeNode) -> int | None:
        """Monotonic ns at which something is due of this node alone."""
        found = [at for at in (node.deadline, self.rebirths.at(node.identity)) if at is not None]
        return min(found, default=None)

    @property
    def deadline(self) -> int | None:
        """Monotonic ns at which something is due."""
        due = [node.deadline for node in self.nodes.values() if node.deadline is not None]
        asked = self.rebirths.deadline
        return min([*due, *([] if asked is None else [asked])], default=None)
