"""How a file of the store gets its tables, and what later versions add to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hmi.historian.sqlite import Connection

Step = tuple[str, Callable[[Database], None]]
"""Its name, which a file that has taken it remembers for ever, and what it does."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of one kind of file."""

    name: str
    """A file remembers it beside its steps."""
    steps: tuple[Step, ...]
    """In the order in which they came into being."""

    def migrate(self, connection: Connection) -> None:
        """Takes the steps that a file has not taken yet.

        Raises:
            Error: the disk does not take one; those before it stay.
        """
        migrations = Migrations(self.name)
        for name, step in self.steps:
            migrations(name=name)(step)
        migrations.apply(Database(connection))
