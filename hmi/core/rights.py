"""Who may do what: roles in rising order, actions with the least role that may do them."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final


class Role(IntEnum):
    """A person's place in the plant; each role includes the ones before."""

    NONE = 0
    """Not signed in."""
    VIEWER = 1
    OPERATOR = 2
    ENGINEER = 3
    ADMIN = 4

    @classmethod
    def named(cls, name: str) -> Role:
        """The role of a lower-case name.

        Raises:
            ValueError: no such role.
        """
        try:
            return cls[name.upper()]
        except KeyError:
            raise ValueError(f"{name!r} is no role; use viewer, operator, engineer or admin") from None


class Action(StrEnum):
    """What the station can be asked to do."""

    VIEW = "view"
    ACKNOWLEDGE = "acknowledge"
    WRITE = "write"
    CONFIGURE = "configure"
    READ_AUDIT = "read audit"
    MANAGE_USERS = "manage users"


LEAST_ROLE: Final[dict[Action, Role]] = {
    Action.VIEW: Role.VIEWER,
    Action.ACKNOWLEDGE: Role.OPERATOR,
    Action.WRITE: Role.OPERATOR,
    Action.CONFIGURE: Role.ENGINEER,
    Action.READ_AUDIT: Role.ENGINEER,
    Action.MANAGE_USERS: Role.ADMIN,
}


def may(role: Role, action: Action) -> bool:
    """Whether a role may do an action; deny by default."""
    return role >= LEAST_ROLE.get(action, Role.ADMIN)
