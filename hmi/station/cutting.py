"""Long answers, cut into messages that the link carries: by size, since clients may leave only so many unread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, TypeVar

import msgspec

from hmi.link.messages import MAX_MESSAGE

BUDGET: Final = MAX_MESSAGE - 16_384
"""Bytes of the items in one message."""

T = TypeVar("T")


def cut(items: Sequence[T]) -> Iterator[tuple[Sequence[T], bool]]:
    """Parts that each fit a message, at least one, and whether each is the last.

    An item that is too large is a part of its own.
    """
    begins, size = [0], 0
    for at, item in enumerate(items):
        weight = len(msgspec.msgpack.encode(item))
        if size and size + weight > BUDGET:
            begins.append(at)
            size = 0
        size += weight
    return ((items[begin:end], end == len(items)) for begin, end in pairwise([*begins, len(items)]))
