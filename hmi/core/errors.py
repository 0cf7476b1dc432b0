"""Errors a person reads: what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class LinesideError(Exception):
    """One clear sentence for a user, never a traceback: `what`, and `do` for the way out."""

    def __init__(self, what: str, do: str = "") -> None:
        super().__init__(f"{what} {do}".strip())
        self.what = what
        self.do = do


class ConnectError(LinesideError):
    """Nothing answers where a station, device or server was expected (exit code 3)."""


class RefusedError(LinesideError):
    """The other side understood and said no."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a project, at a place an engineer can open."""

    file: str
    """Path below the project folder."""
    line: int
    """1-based; 0 when the whole file is meant."""
    where: str
    """Path inside the document, e.g. `alarms[2].limit`."""
    what: str
    runs_on: bool = False
    """True: the station runs all the same (a display with an unknown tag) and notes an event."""
    of_form: bool = False
    """True: text that cannot be decoded, which is often the cause of what refers to it."""

    @property
    def rank(self) -> tuple[bool, bool, Problem]:
        """Sorts causes first and what does not keep the station from running last."""
        return self.runs_on, not self.of_form, self

    def __str__(self) -> str:
        """`tags/a.jsonl:12: alarms[2].limit: must be below HH (90)`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.where}: {self.what}" if self.where else f"{place}: {self.what}"


class ProjectError(LinesideError):
    """A project that cannot be run, with every reason found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: p.rank))
        count = len(self.problems)
        super().__init__(
            f"The project has {count} {'error' if count == 1 else 'errors'}.",
            "Run `hmi check` for the whole list.",
        )
