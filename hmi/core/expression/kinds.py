"""What the check found out about every node of one tree; the evaluators build on it."""

from __future__ import annotations

from hmi.core.expression.signatures import ResultType
from hmi.core.expression.tree import Node


class Kinds:
    """Kind of each node and whether it is constant, by identity (equal nodes stand in different places)."""

    def __init__(self) -> None:
        self._kinds: dict[int, tuple[Node, ResultType, bool]] = {}

    def put(self, node: Node, kind: ResultType, *, constant: bool) -> None:
        """Note a node; holding it keeps its identity from being reused."""
        self._kinds[id(node)] = (node, kind, constant)

    def __getitem__(self, node: Node) -> ResultType:
        return self._kinds[id(node)][1]

    def is_constant(self, node: Node) -> bool:
        """Whether the node reads no tag and remembers nothing."""
        return self._kinds[id(node)][2]
