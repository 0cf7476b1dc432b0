"""The memory points: in this process, or in a CSV file to which other programs may add lines."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Protocol

from hmi.drivers.supervisor import LinkLostError

OURS: Final = "lineside"
"""Third cell of the lines that this driver adds."""
MOST_LINES: Final = 10_000
"""Lines after which the file is written anew with the last one of each name."""


class Memory(Protocol):
    """Texts by name."""

    def refresh(self) -> None:
        """Looks what others changed. Raises LinkLostError when it cannot be read."""
        ...

    def get(self, name: str) -> str | None:
        """What a name holds; None: there is no such name."""
        ...

    def put(self, name: str, text: str) -> None:
        """Keeps a text. Raises OSError when it could not."""
        ...

    def names(self) -> list[str]:
        """Every name that holds something."""
        ...


class OwnMemory:
    """Forgotten when the driver ends; every name is there and holds 0, or nothing as a text, until it is written."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def refresh(self) -> None:
        """Nobody else writes here."""

    def get(self, name: str) -> str | None:
        """See `Memory`."""
        return self._texts.get(name, "")

    def put(self, name: str, text: str) -> None:
        """See `Memory`."""
        self._texts[name] = text

    def names(self) -> list[str]:
        """See `Memory`."""
        return sorted(self._texts)


class FileMemory:
    """Lines `name,value` of a file; the last one of a name counts."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._texts: dict[str, str] = {}
        self._seen: tuple[int, int] | None = None
        """Time of change and size when it was read."""

    def refresh(self) -> None:
        """See `Memory`."""
        try:
            status = self._file.stat()
            seen = (status.st_mtime_ns, status.st_size)
            if seen == self._seen:
                return
            lines = self._file.read_text("utf-8").splitlines()
        except OSError as fault:
            raise LinkLostError(f"The memory {self._file} cannot be read: {fault.strerror or fault}.") from fault
        except UnicodeDecodeError as fault:
            raise LinkLostError(f"The memory {self._file} is no text.", "Its lines are: NAME,VALUE.") from fault
        texts: dict[str, str] = {}
        for number, line in enumerate(lines, 1):
            name, comma, rest = line.partition(",")
            if not line.strip():
                continue
            if not comma:
                raise LinkLostError(f"{self._file}: line {number} has no comma.", "Its lines are: NAME,VALUE.")
            texts[name.strip()] = rest.partition(",")[0].strip()
        self._texts, self._seen = texts, seen
        if len(lines) > MOST_LINES:
            self._shorten()

    def _shorten(self) -> None:
        part = self._file.with_name(self._file.name + ".part")
        try:
            part.write_text("".join(f"{name},{text}\n" for name, text in self._texts.items()), "utf-8")
            part.replace(self._file)
        except OSError:
            return  # it grows on; whatever was read is right all the same

    def get(self, name: str) -> str | None:
        """See `Memory`."""
        return self._texts.get(name)

    def put(self, name: str, text: str) -> None:
        """See `Memory`; one write, so that a line is there whole or not at all."""
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(descriptor, f"{name},{text},{OURS}\n".encode())
        finally:
            os.close(descriptor)

    def names(self) -> list[str]:
        """See `Memory`."""
        return sorted(self._texts)
