"""Tree to text, with the fewest brackets that read back as the same tree."""

from __future__ import annotations

from typing import Final

from hmi.core.expression.parser import COMPARISON_POWER, MINUS_POWER, NOT_POWER, POWER, RAISE_POWER
from hmi.core.expression.tree import Binary, Boolean, Call, Node, Number, TagRef, Text, Unary

_ATOM: Final = 100
_EXACT: Final = 1e15


def print_tree(node: Node) -> str:
    """Text that parses to an equal tree."""
    match node:
        case Unary():
            return ("-" if node.op == "-" else "not ") + _inside(node.operand, _power(node))
        case Binary():
            left, right = _sides(node)
            return f"{_inside(node.left, left)} {node.op} {_inside(node.right, right)}"
        case Call():
            return f"{node.function}({', '.join(map(print_tree, node.args))})"
        case _:
            return _atom(node)


def _atom(node: Number | Boolean | Text | TagRef) -> str:
    match node:
        case Number():
            return f"{node.value:.0f}" if node.value < _EXACT and node.value.is_integer() else repr(node.value)
        case Boolean():
            return "true" if node.value else "false"
        case Text():
            return '"' + node.value.replace('"', '""') + '"'
        case TagRef():
            return "{" + node.path + "}"


def _inside(node: Node, least: int) -> str:
    text = print_tree(node)
    return text if _power(node) >= least else f"({text})"


def _power(node: Node) -> int:
    match node:
        case Binary():
            return POWER[node.op]
        case Unary():
            return NOT_POWER if node.op == "not" else MINUS_POWER
        case _:
            return _ATOM


def _sides(node: Binary) -> tuple[int, int]:
    """Least power each operand needs to stand without brackets."""
    power = POWER[node.op]
    if node.op == "^":
        return RAISE_POWER + 1, MINUS_POWER
    return (power + 1 if power == COMPARISON_POWER else power), power + 1
