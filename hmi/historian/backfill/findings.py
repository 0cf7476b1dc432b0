"""What is wrong with a file, told by line and column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hmi.core.errors import LinesideError

SHOWN: Final = 20


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One cell, or one line, that cannot be imported."""

    line: int
    """1-based, as an editor counts; where the row begins when it has several lines."""
    column: str
    """Name of the column; empty when the whole line is meant."""
    what: str

    def __str__(self) -> str:
        """`line 12, time: '32.13.' is no time`."""
        return f"line {self.line}{', ' + self.column if self.column else ''}: {self.what}"


class Findings:
    """The first ones and the count of all: a wrong column of a million rows must not fill memory and screen."""

    def __init__(self) -> None:
        self.first: list[Finding] = []
        self.total = 0

    def add(self, found: Iterable[Finding]) -> None:
        """Notes those of the next rows of the file, in any order."""
        for finding in sorted(found):
            self.total += 1
            if len(self.first) < SHOWN:
                self.first.append(finding)


class UnusableFileError(LinesideError):
    """A file that cannot be imported, with its first findings; nothing was written."""

    def __init__(self, name: str, findings: Findings) -> None:
        self.findings = findings
        count = f"{findings.total} {'error' if findings.total == 1 else 'errors'}"
        super().__init__(f"{name} has {count}; nothing was imported.", "Correct the file and import it again.")
