import json
import os
from pathlib import Path

import pytest

from hmi.core.errors import LinesideError
from hmi.core.instants import SECOND
from hmi.core.rights import Role
from hmi.station.users import FILE, Throttle, Users

ROLES = {"ann": "operator", "eve": "engineer"}
PASSWORD = "correct horse 7"


@pytest.fixture
def users(tmp_path: Path) -> Users:
    made = Users(tmp_path, ROLES)
    made.set_password("ann", PASSWORD)
    return made


def test_the_right_password_gives_the_projects_role(users: Users) -> None:
    assert users.verify("ann", PASSWORD, 0) is Role.OPERATOR


@pytest.mark.parametrize(("user", "password"), [("ann", "wrong"), ("ann", ""), ("eve", PASSWORD), ("nobody", PASSWORD)])
def test_anything_else_gives_nothing(users: Users, user: str, password: str) -> None:
    assert users.verify(user, password, 0) is Role.NONE


def test_there_is_no_default_password(tmp_path: Path) -> None:
    assert not Users(tmp_path, ROLES).has_passwords()


def test_a_password_without_a_role_in_the_project_opens_nothing(users: Users, tmp_path: Path) -> None:
    assert Users(tmp_path, {}).verify("ann", PASSWORD, 0) is Role.NONE


@pytest.mark.parametrize("password", ["short", "password", "ann", "aaaaaaaaaa", "x" * 300, "Passw0rd"])
def test_weak_passwords_are_refused(users: Users, password: str) -> None:
    with pytest.raises(LinesideError):
        users.set_password("ann", password)


def test_a_disabled_user_loses_the_role_at_once_in_a_running_station(users: Users, tmp_path: Path) -> None:
    assert users.role("ann") is Role.OPERATOR
    elsewhere = Users(tmp_path, ROLES)  # `hmi user disable` is another process
    elsewhere.disable("ann")
    stamp = (tmp_path / FILE).stat().st_mtime_ns + SECOND
    os.utime(tmp_path / FILE, ns=(stamp, stamp))
    assert users.role("ann") is Role.NONE
    assert users.verify("ann", PASSWORD, 0) is Role.NONE


def test_only_hashes_are_stored_and_only_for_the_owner(users: Users, tmp_path: Path) -> None:
    text = (tmp_path / FILE).read_text()
    assert PASSWORD not in text
    assert json.loads(text)["ann"]["hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    if os.name == "posix":
        assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    with pytest.raises(LinesideError, match="damaged"):
        Users(tmp_path, ROLES)


def test_wrong_passwords_delay_but_never_lock_out() -> None:
    throttle = Throttle()
    waits = []
    for _ in range(12):
        throttle.failed("ann", 0)
        waits.append(throttle.wait("ann", 0))
    assert waits == [0, 0, 1, 2, 4, 8, 16, 30, 30, 30, 30, 30]
    assert throttle.wait("ann", 29 * SECOND) == 1
    assert throttle.wait("ann", 30 * SECOND) == 0
    assert throttle.wait("eve", 0) == 0
    throttle.passed("ann")
    assert throttle.wait("ann", 0) == 0
