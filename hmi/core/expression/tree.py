"""The whitelisted tree: everything an expression can ever be, and nothing else.

Positions (`at`, 0-based offset in the text) are for messages and take no part in equality.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hmi.core.expression.signatures import SIGNATURES


@dataclass(frozen=True, slots=True)
class Number:
    """A number as typed; never negative (a sign is a `Unary`) and always finite."""

    value: float
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Boolean:
    """`true` or `false`."""

    value: bool
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """Text between quotes."""

    value: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class TagRef:
    """The value of a tag, `{area/line/unit/measure}`."""

    path: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x` or `not x`."""

    op: str
    operand: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and the operator between them; `at` is the operator's place."""

    op: str
    left: Node
    right: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the language with its arguments."""

    function: str
    args: tuple[Node, ...]
    at: int = field(default=0, compare=False)


Node = Number | Boolean | Text | TagRef | Unary | Binary | Call


def children(node: Node) -> tuple[Node, ...]:
    """Operands or arguments, in the order written."""
    match node:
        case Unary():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case Call():
            return node.args
        case _:
            return ()


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node with its height below the root (root = 1), in the order written; no recursion."""
    stack = [(root, 1)]
    while stack:
        node, height = stack.pop()
        yield node, height
        stack.extend((child, height + 1) for child in reversed(children(node)))


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed text; the same text always gives an equal tree."""

    text: str
    root: Node

    @property
    def inputs(self) -> tuple[str, ...]:
        """Paths of the tags it reads, each once, in order of first use."""
        return references(self)

    @property
    def is_stateful(self) -> bool:
        """Whether it remembers anything; where no memory is kept, as in an interlock, it must not."""
        return any(isinstance(n, Call) and SIGNATURES[n.function].stateful for n, _ in walk(self.root))


def references(expression: Expression) -> tuple[str, ...]:
    """Paths of the tags an expression reads, each once, in order of first use."""
    return tuple(dict.fromkeys(n.path for n, _ in walk(expression.root) if isinstance(n, TagRef)))
