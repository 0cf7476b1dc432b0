"""Text to tree: a Pratt parser, one function per kind of word.

Binding powers, from loose to tight: or, and, not, comparison, &, + -, * / %, unary -, ^.
"""

from __future__ import annotations

from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

from hmi.core.expression.problem import ExpressionError
from hmi.core.expression.signatures import SIGNATURES, Signature
from hmi.core.expression.tokens import Kind, Token, tag_path, text_value, tokenise
from hmi.core.expression.tree import Binary, Boolean, Call, Expression, Node, Number, TagRef, Text, Unary, walk

MAX_NESTING: Final = 64
"""Brackets, calls and signs inside each other."""
MAX_HEIGHT: Final = 150
"""Height of the tree: also bounds a long row of operators, so that nothing later can exhaust the stack."""

COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
NOT_POWER: Final = 30
COMPARISON_POWER: Final = 40
MINUS_POWER: Final = 80
RAISE_POWER: Final = 90
POWER: Final = MappingProxyType(
    {"or": 10, "and": 20, **dict.fromkeys(COMPARISONS, COMPARISON_POWER)}
    | {"&": 50, "+": 60, "-": 60, "*": 70, "/": 70, "%": 70, "^": RAISE_POWER}
)
_WORDS: Final = frozenset({"and", "or", "not", "true", "false"})


def parse(text: str) -> Expression:
    """The tree of an expression's text.

    Raises:
        ExpressionError: the text is no expression; names the column and what is wrong.
    """
    return Expression(text, _Parser(tokenise(text)).whole())


class _Parser:
    """One pass over the tokens; `_nesting` counts what is open."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._index = 0
        self._nesting = 0

    def whole(self) -> Node:
        root = self._expression(0)
        token = self._peek()
        if token.kind is not Kind.END:
            raise ExpressionError(f"{_shown(token)} is not expected here.", token.at, _hint(token))
        deepest, height = max(walk(root), key=lambda entry: entry[1])
        if height > MAX_HEIGHT:
            raise ExpressionError("too many operations in one expression.", deepest.at, _SPLIT)
        return root

    def _peek(self) -> Token:
        return self._tokens[self._index]

    def _take(self) -> Token:
        token = self._tokens[self._index]
        self._index += token.kind is not Kind.END
        return token

    def _expression(self, least: int) -> Node:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise ExpressionError(f"nested deeper than {MAX_NESTING} levels.", self._peek().at, _SPLIT)
        left = self._prefix(least)
        while (power := POWER.get(self._peek().text, -1)) > least and _is_operator(self._peek()):
            left = self._infix(left, power)
        self._nesting -= 1
        return left

    def _infix(self, left: Node, power: int) -> Node:
        token = self._take()
        if token.text == "^":  # binds to the right, and its exponent may carry a sign
            return Binary("^", left, self._expression(RAISE_POWER - 1), token.at)
        right = self._expression(power)
        if power == COMPARISON_POWER and self._peek().text in COMPARISONS:
            raise ExpressionError(
                "comparisons cannot follow each other.",
                self._peek().at,
                "Write between(x, low, high), or join two comparisons with and.",
            )
        return Binary(token.text, left, right, token.at)

    def _prefix(self, least: int) -> Node:
        token = self._take()
        match token.kind:
            case Kind.NUMBER:
                return Number(float(token.text), token.at)
            case Kind.TEXT:
                return Text(text_value(token), token.at)
            case Kind.TAG:
                return TagRef(tag_path(token), token.at)
            case Kind.NAME:
                return self._name(token, least)
            case _:
                return self._bracket_or_sign(token)

    def _bracket_or_sign(self, token: Token) -> Node:
        if token.text == "-":
            return Unary("-", self._expression(MINUS_POWER), token.at)
        if token.text == "(":
            inner = self._expression(0)
            self._close(token)
            return inner
        if token.kind is Kind.END:
            raise ExpressionError("the expression ends where a value is expected.", token.at)
        raise ExpressionError(f"a value is expected here, not {_shown(token)}.", token.at)

    def _name(self, token: Token, least: int) -> Node:
        if token.text in {"true", "false"}:
            return Boolean(token.text == "true", token.at)
        if token.text == "not":
            if least > NOT_POWER:
                raise ExpressionError("put brackets around not and what it negates.", token.at)
            return Unary("not", self._expression(NOT_POWER), token.at)
        if token.text in _WORDS:
            raise ExpressionError(f"a value is expected here, not {token.text}.", token.at)
        signature = SIGNATURES.get(token.text)
        if signature is None:
            raise _unknown(token, called=self._peek().text == "(")
        return self._call(token, signature)

    def _call(self, name: Token, signature: Signature) -> Node:
        opening = self._take()
        if opening.text != "(":
            raise ExpressionError(f"{name.text} needs its arguments in brackets.", opening.at)
        args: list[Node] = []
        if self._peek().text != ")":
            args.append(self._expression(0))
            while self._peek().text == ",":
                self._take()
                args.append(self._expression(0))
        self._close(opening)
        if not signature.least <= len(args) <= signature.most:
            raise ExpressionError(_arity(name.text, signature, len(args)), name.at)
        return Call(name.text, tuple(args), name.at)

    def _close(self, opening: Token) -> None:
        token = self._take()
        if token.text == ")":
            return
        if token.kind is Kind.END:
            raise ExpressionError("this bracket is not closed.", opening.at)
        raise ExpressionError(f"{_shown(token)} is not expected here.", token.at, _hint(token))


_SPLIT: Final = "Split it into several derived tags."


def _is_operator(token: Token) -> bool:
    return token.kind is Kind.SYMBOL or (token.kind is Kind.NAME and token.text in {"and", "or"})


def _shown(token: Token) -> str:
    return "the end" if token.kind is Kind.END else token.text[:40]


def _hint(token: Token) -> str:
    if token.text in {")", ","}:
        return "Check the brackets."
    return "" if token.kind is Kind.SYMBOL else "An operator is missing before it."


def _unknown(token: Token, *, called: bool) -> ExpressionError:
    name = token.text[:40]
    near = get_close_matches(name.lower(), [*SIGNATURES, *_WORDS], n=1)
    do = f"Did you mean {near[0]}?" if near else ""
    if called:
        return ExpressionError(f"there is no function {name}.", token.at, do)
    return ExpressionError(f"{name} means nothing here.", token.at, do or "A tag is written {area/line/unit}.")


def _arity(name: str, signature: Signature, given: int) -> str:
    least, most = signature.least, signature.most
    wanted = f"{least}" if least == most else f"{least} to {most}"
    return f"{name} takes {wanted} {'argument' if wanted == '1' else 'arguments'}, {given} given."
