"""Follows tags' new paths through the texts that refer to them, leaving every other character alone."""

from __future__ import annotations

from collections.abc import Mapping

from hmi.core.expression.problem import ExpressionError
from hmi.core.expression.tokens import Kind, tag_path, tokenise


def rename(text: str, old_path: str, new_path: str) -> str:
    """`text` with every reference to `old_path` made one to `new_path`; spaces and brackets stay as typed.

    Raises:
        ExpressionError: the text is not an expression's, or `new_path` cannot be written in braces, or the text
            becomes too long.
    """
    return rename_all(text, {old_path: new_path})


def rename_all(text: str, paths: Mapping[str, str]) -> str:
    """The same for several tags at once (new path by old one): two of them may exchange their paths.

    Raises:
        ExpressionError: as for `rename`.
    """
    parts, done = [], 0
    for token in tokenise(text):
        if token.kind is Kind.TAG and (new_path := paths.get(tag_path(token))) is not None:
            _check_path(new_path)
            parts += [text[done : token.at], "{", new_path, "}"]
            done = token.at + len(token.text)
    if not parts:
        return text
    renamed = "".join([*parts, text[done:]])
    tokenise(renamed)
    return renamed


def _check_path(path: str) -> None:
    words = tokenise("{" + path + "}")
    if [word.kind for word in words] != [Kind.TAG, Kind.END]:
        raise ExpressionError(f"{path} cannot be written as a tag reference.", 0, "Leave out braces.")
