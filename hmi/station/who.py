"""Who asked: the person and the place behind a request, for rights and the audit trail."""

from __future__ import annotations

from dataclasses import dataclass

from hmi.core.rights import Role


@dataclass(frozen=True, slots=True)
class Who:
    """A person at a terminal, as the station knows them at this moment."""

    user: str
    """Empty: nobody is signed in."""
    role: Role
    terminal: str
    """Client program and PC, e.g. `panel 0.1.0 at control-room-1`."""


STATION = Who("station", Role.NONE, "station")
"""The station itself, where it acts without a person."""
