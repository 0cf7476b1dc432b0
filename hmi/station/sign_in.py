"""Signing in: slow password checks one at a time off the event loop, delays after failures, a record of each."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from hmi.core.rights import Role
from hmi.drivers.api import Clock
from hmi.station.places import data_folder
from hmi.station.turned_away import TurnedAway
from hmi.station.users import WRONG, Users

Record = Callable[[str, str, str], Awaitable[None]]
"""(user, terminal, result) into the audit trail."""
REFUSED: Final = "sign-in-refused"
HELD_OFF: Final = "sign-in-held-off"


class SignIns:
    """The station's front desk."""

    def __init__(self, users: Users, clock: Clock, record: Record, turned_away: TurnedAway, no_passwords: str) -> None:
        """`no_passwords` is the sentence for who signs in before there is a password (see below)."""
        self._users = users
        self._no_passwords = no_passwords
        self._clock = clock
        self._record = record
        self._turned_away = turned_away
        self._one_at_a_time = asyncio.Lock()

    def role(self, user: str) -> Role:
        """The role a user has now."""
        return self._users.role(user)

    async def sign_in(self, user: str, password: str, terminal: str) -> tuple[Role, str]:
        """The role, or NONE and a sentence that does not tell which of the two was wrong."""
        user = user[:64]
        async with self._one_at_a_time:
            wait = self._users.wait(user, self._clock.now().mono)
            if wait > 0:
                await self._held_off(user, terminal)
                return Role.NONE, f"Too many wrong passwords: wait {wait:.0f} s and try again."
            self._users.reload()
            role = await asyncio.to_thread(self._users.verify, user, password, self._clock.now().mono)
        await self._record(user, terminal, "signed in" if role is not Role.NONE else "refused: wrong user or password")
        if role is not Role.NONE:
            return role, ""
        self._turned_away.tell(
            REFUSED, terminal, f"Somebody tried to sign in as {user!r} with a wrong name or password."
        )
        return role, WRONG if self._users.has_passwords() else self._no_passwords

    async def _held_off(self, user: str, terminal: str) -> None:
        """Tells of an attempt that was not even looked at; a guessing program fills neither journal nor audit trail."""
        text = f"Somebody tried to sign in as {user!r} too soon after wrong passwords."
        if self._turned_away.tell(HELD_OFF, terminal, text):
            await self._record(user, terminal, "refused: too many wrong passwords")


def no_passwords(project: Path, data: Path) -> str:
    """Says that nobody can sign in yet, with the command that changes it for this station."""
    project, data = project.resolve(), data.resolve()
    command = ["hmi", "user", "--project", str(project)]
    if data != data_folder(project).resolve():
        command += ["--data", str(data)]
    return f"No password is set yet: run `{shlex.join([*command, 'passwd', 'NAME'])}` on the station's PC."
