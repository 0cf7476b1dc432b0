"""Cuts an expression's text into words, and refuses every character the language does not have.

Outside quotes and braces only ASCII exists, so that no look-alike letter or invisible mark can change a meaning.
"""

from __future__ import annotations

import math
import re
from enum import Enum, auto
from types import MappingProxyType
from typing import Final, NamedTuple

from hmi.core.expression.problem import ExpressionError

MAX_TEXT: Final = 4_000
"""Characters an expression may have; longer ones belong into several derived tags."""


class Kind(Enum):
    """What a token is."""

    NUMBER = auto()
    TEXT = auto()
    TAG = auto()
    NAME = auto()
    SYMBOL = auto()
    END = auto()


class Token(NamedTuple):
    """One word: its kind, its text as typed, where it begins (0-based)."""

    kind: Kind
    text: str
    at: int


_TOKEN: Final = re.compile(
    r"""[ \t\r\n]*(?:
    (?P<NUMBER>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    |(?P<NAME>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<TAG>\{[^{}]*\})
    |(?P<TEXT>"(?:[^"]|"")*"|'(?:[^']|'')*')
    |(?P<FOREIGN>==|<>|&&|\|\||\*\*|:=|\|)
    |(?P<SYMBOL><=|>=|!=|[-+*/%^&=<>(),])
    |(?P<END>\Z))""",
    re.VERBOSE,
)

_FOREIGN: Final = MappingProxyType(
    {"==": "=", "<>": "!=", "&&": "and", "||": "or", "|": "or", "**": "^", ":=": "="},
)
_UNCLOSED: Final = MappingProxyType(
    {"{": "the tag reference that begins here has no closing }", '"': "this text has no closing quote"}
    | {"'": "this text has no closing quote", "}": "this } has no opening {"},
)


def tokenise(text: str) -> tuple[Token, ...]:
    """The words of an expression, without spaces, ending with an END token.

    Raises:
        ExpressionError: a character or word the language does not have, or too long a text.
    """
    if len(text) > MAX_TEXT:
        raise ExpressionError(
            f"the expression has {len(text)} characters, {MAX_TEXT} is the limit.",
            MAX_TEXT,
            "Split it into several derived tags.",
        )
    tokens = [_next(text, 0)]
    while tokens[-1].kind is not Kind.END:
        tokens.append(_next(text, tokens[-1].at + len(tokens[-1].text)))
    return tuple(tokens)


def _next(text: str, begin: int) -> Token:
    match = _TOKEN.match(text, begin)
    if match is None:
        at = next(i for i in range(begin, len(text)) if text[i] not in " \t\r\n")
        raise ExpressionError(_unknown_character(text[at]), at)
    group = str(match.lastgroup)
    word, at = match[group], match.start(group)
    if group == "FOREIGN":
        raise ExpressionError(f"{word} is not an operator here.", at, f"Write {_FOREIGN[word]} instead.")
    token = Token(Kind[group], word, at)
    _check(token)
    return token


def _unknown_character(character: str) -> str:
    if character in _UNCLOSED:
        return f"{_UNCLOSED[character]}."
    shown = character if character.isprintable() else "(invisible)"
    return f"the character {shown} (U+{ord(character):04X}) has no meaning outside quotes and braces."


def _check(token: Token) -> None:
    if token.kind is Kind.NUMBER and not math.isfinite(float(token.text)):
        raise ExpressionError("this number is too large.", token.at, "The largest is about 1.8e308.")
    if token.kind in {Kind.TAG, Kind.TEXT} and not token.text.isprintable():
        hidden = next(i for i, c in enumerate(token.text) if not c.isprintable())
        raise ExpressionError("an invisible character stands here.", token.at + hidden, "Delete it.")
    if token.kind is Kind.TAG and token.text[1:-1].strip() in {"", "/"}:
        raise ExpressionError("the tag reference is empty.", token.at, "Write {area/line/unit/measure}.")


def text_value(token: Token) -> str:
    """What a quoted text says: without its quotes, doubled quotes made single."""
    quote = token.text[0]
    return token.text[1:-1].replace(quote * 2, quote)


def tag_path(token: Token) -> str:
    """The path inside the braces, exactly as typed."""
    return token.text[1:-1]
