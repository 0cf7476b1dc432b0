"""What an edit does to one file, kept small: a project's file may have megabytes where a line has changed."""

from __future__ import annotations

from zlib import crc32

from msgspec import Struct


class Patch(Struct, frozen=True):
    """One stretch of a file replaced by another; applied only to the file that it was made for."""

    at: int
    cut: bytes
    put: bytes
    before: int | None
    """CRC-32 of the file before; None: there was none."""
    after: int | None
    """CRC-32 of the file after; None: there is none."""

    @classmethod
    def between(cls, before: bytes | None, after: bytes | None) -> Patch:
        """The patch that makes one content of another; None: there is no file."""
        old, new = before or b"", after or b""
        head = _common(old, new)
        tail = _common_end(old[head:], new[head:])
        cut, put = old[head : len(old) - tail], new[head : len(new) - tail]
        return cls(head, cut, put, _sum(before), _sum(after))

    def fits(self, data: bytes | None) -> bool:
        """Whether a file is as it was before."""
        return _sum(data) == self.before

    def applied(self, data: bytes | None) -> bytes | None:
        """The file after.

        Raises:
            ValueError: it is not as it was before.
        """
        if not self.fits(data):
            raise ValueError("the file is another one")
        old = data or b""
        new = old[: self.at] + self.put + old[self.at + len(self.cut) :]
        return None if self.after is None else new

    def reversed(self) -> Patch:
        """The patch that takes this one back."""
        return Patch(self.at, self.put, self.cut, self.after, self.before)


def _sum(data: bytes | None) -> int | None:
    return None if data is None else crc32(data)


def _common(one: bytes, other: bytes) -> int:
    """How many bytes both begin with; by halves, since comparing slices is what a computer does quickest."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(one: bytes, other: bytes) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        same = one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]
        low, high = (middle, high) if same else (low, middle - 1)
    return low
