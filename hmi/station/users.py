"""Who may sign in: roles from the project's `users.toml`, password hashes from the data folder (argon2id)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct, convert
from msgspec import ValidationError as ShapeError

from hmi.core.errors import LinesideError
from hmi.core.instants import SECOND
from hmi.core.rights import Role
from hmi.station.data_folder import write_private

FILE: Final = "passwords.json"
LEAST_LENGTH: Final = 8
MOST_LENGTH: Final = 256
WRONG: Final = "User name or password is wrong."
_COMMON: Final = frozenset(
    {"password", "passw0rd", "password1", "12345678", "123456789", "1234567890", "qwertyui", "qwertyuiop", "lineside"}
    | {"operator", "engineer", "administrator", "iloveyou", "11111111", "00000000", "abcdefgh", "letmein1"}
)
# OWASP's minimum: 19 MiB, two passes, one lane. A login takes tens of milliseconds and the station does one at a time.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, hash_len=32, salt_len=16)


class Account(Struct):
    """What the data folder knows of a user."""

    hash: str
    disabled: bool = False


class Users:
    """Checks passwords; slow by design, so call `verify` off the event loop."""

    def __init__(self, folder: Path, roles: Mapping[str, str]) -> None:
        self._file = folder / FILE
        self._roles = {name: Role.named(role) for name, role in roles.items()}
        self._read_at = -1
        self._accounts: dict[str, Account] = {}
        self.reload()
        self._throttle = Throttle()
        # An unknown user costs the same time as a wrong password: who exists is not told.
        self._decoy = _HASHER.hash("no such user")

    def take(self, roles: Mapping[str, str]) -> None:
        """Takes over the roles of an edited project."""
        self._roles = {name: Role.named(role) for name, role in roles.items()}

    def _load(self) -> dict[str, Account]:
        try:
            return convert(json.loads(self._file.read_bytes()), dict[str, Account])
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, ShapeError) as error:
            raise LinesideError(
                f"The password file {self._file} is damaged or cannot be read.",
                "Restore it from a backup, or delete it and set passwords again.",
            ) from error

    def has_passwords(self) -> bool:
        """Whether anybody could sign in at all."""
        return any(name in self._roles and not account.disabled for name, account in self._accounts.items())

    def reload(self) -> None:
        """Takes over what `hmi user` changed in the data folder, where it changed."""
        try:
            changed = self._file.stat().st_mtime_ns
        except OSError:
            changed = 0  # gone, or not to be read: `_load` tells which
        if changed != self._read_at:
            self._accounts = self._load()
            self._read_at = changed

    def role(self, user: str) -> Role:
        """The role a signed-in user has now; NONE once disabled or removed."""
        self.reload()
        account = self._accounts.get(user)
        if account is None or account.disabled:
            return Role.NONE
        return self._roles.get(user, Role.NONE)

    def wait(self, user: str, mono: int) -> float:
        """Seconds this user has to wait after wrong passwords; 0 = may try."""
        return self._throttle.wait(user, mono)

    def verify(self, user: str, password: str, mono: int) -> Role:
        """The role of a user with the right password, else NONE; counts failures."""
        account = self._accounts.get(user)
        known = account is not None and not account.disabled and user in self._roles
        right = _matches(account.hash if account is not None else self._decoy, password)
        if not known or not right:
            self._throttle.failed(user, mono)
            return Role.NONE
        self._throttle.passed(user)
        if account is not None and _HASHER.check_needs_rehash(account.hash):
            # The rules for new passwords do not hold for one that was right until now.
            self._accounts[user] = Account(_HASHER.hash(password))
            self._save()
        return self._roles[user]

    def set_password(self, user: str, password: str) -> None:
        """Stores a new password and enables the account.

        Raises:
            LinesideError: too short, too long or one of the common ones.
        """
        check_password(user, password)
        self._accounts[user] = Account(_HASHER.hash(password))
        self._save()

    def disable(self, user: str) -> None:
        """Takes a user's rights away.

        Raises:
            LinesideError: the user has no account.
        """
        if user not in self._accounts:
            raise LinesideError(f"There is no account {user!r}.", "`hmi user list` shows them.")
        self._accounts[user].disabled = True
        self._save()

    def listing(self) -> list[tuple[str, str, str]]:
        """(user, role, state) of everybody named in the project or the data folder."""
        names = sorted(set(self._roles) | set(self._accounts))
        return [(name, self._roles.get(name, Role.NONE).name.lower(), self._state(name)) for name in names]

    def _state(self, name: str) -> str:
        account = self._accounts.get(name)
        return "no password" if account is None else "disabled" if account.disabled else "active"

    def _save(self) -> None:
        table = {name: {"hash": a.hash, "disabled": a.disabled} for name, a in sorted(self._accounts.items())}
        write_private(self._file, json.dumps(table, indent=1).encode())


def check_password(user: str, password: str) -> None:
    """Refuses what is easily guessed.

    Raises:
        LinesideError: with the rule that is broken.
    """
    if len(password) < LEAST_LENGTH:
        raise LinesideError(f"The password is too short: use at least {LEAST_LENGTH} characters.")
    if len(password) > MOST_LENGTH:
        raise LinesideError(f"The password is too long: use at most {MOST_LENGTH} characters.")
    if password.lower() in _COMMON or password.lower() == user.lower() or len(set(password)) < 4:
        raise LinesideError("The password is too easily guessed: choose another one.")


def _matches(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password[:MOST_LENGTH])
    except (VerificationError, InvalidHashError):
        return False


class Throttle:
    """A doubling delay after wrong passwords, never a lockout: that would blind the control room's commands."""

    LONGEST: Final = 30.0

    def __init__(self) -> None:
        self._failures: dict[str, tuple[int, int]] = {}

    def failed(self, user: str, mono: int) -> None:
        """Counts one wrong password."""
        count, _ = self._failures.get(user, (0, 0))
        if len(self._failures) > 10_000:
            self._failures.clear()  # names tried at random must not fill the memory
        self._failures[user] = (count + 1, mono)

    def passed(self, user: str) -> None:
        """Forgets the failures of a user who signed in."""
        self._failures.pop(user, None)

    def wait(self, user: str, mono: int) -> float:
        """Seconds until the next try is looked at: 1, 2, 4 ... 30 from the third failure on."""
        count, last = self._failures.get(user, (0, 0))
        if count < 3:
            return 0.0
        delay = min(2.0 ** (count - 3), self.LONGEST)
        return max(0.0, delay - (mono - last) / SECOND)
