"""Follows a tag's new path through the texts that refer to it, leaving every other character alone."""

from __future__ import annotations

from hmi.core.expression.problem import ExpressionError
from hmi.core.expression.tokens import Kind, tag_path, tokenise


def rename(text: str, old_path: str, new_path: str) -> str:
    """`text` with every reference to `old_path` made one to `new_path`; spaces and brackets stay as typed.

    Raises:
        ExpressionError: the text is not an expression's, or `new_path` cannot be written in braces, or the text
            becomes too long.
    """
    parts, done = [], 0
    for token in tokenise(text):
        if token.kind is Kind.TAG and tag_path(token) == old_path:
            parts += [text[done : token.at], "{", new_path, "}"]
            done = token.at + len(token.text)
    if not parts:
        return text
    _check_path(new_path)
    renamed = "".join([*parts, text[done:]])
    tokenise(renamed)
    return renamed


def _check_path(path: str) -> None:
    words = tokenise("{" + path + "}")
    if [word.kind for word in words] != [Kind.TAG, Kind.END]:
        raise ExpressionError(f"{path} cannot be written as a tag reference.", 0, "Leave out braces.")
