"""Encryption, sign-in and the broker's own rules."""

import base64
import hashlib

import pytest

from hmi.core.quality import Status
from hmi.drivers.api import WriteOutcome
from plugins.mqtt.driver import DRIVER
from tests.helpers_drivers.certificates import make_authority
from tests.helpers_drivers.mosquitto import Mosquitto


def password_line(user, password):
    """As the broker keeps it: PBKDF2 with SHA-512."""
    salt = b"twelve bytes"
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 101)
    return f"{user}:$7$101${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}\n"


@pytest.fixture
async def strict(tmp_path):
    """A broker with one user, who may read `open/#` and write `open/set` only."""
    (tmp_path / "users").write_text(password_line("station", "right"))
    (tmp_path / "rules").write_text("user station\ntopic read open/#\ntopic write open/set\n")
    for file in ("users", "rules"):
        (tmp_path / file).chmod(0o600)
    settings = ["allow_anonymous false", f"password_file {tmp_path / 'users'}", f"acl_file {tmp_path / 'rules'}"]
    broker = Mosquitto(tmp_path, settings)
    await broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def rig_of(make_rig):
    def make(port, scheme="mqtt", secrets=None, folder=None, **options):
        return make_rig(DRIVER, f"{scheme}://localhost:{port}", options, secrets, folder)

    return make


async def test_a_user_signs_in_with_the_secret(rig_of, strict):
    rig = rig_of(strict.port, secrets={"password": "right"}, user="station")
    rig.run()
    await rig.up()


async def test_a_wrong_password_is_told_without_it(rig_of, strict):
    rig = rig_of(strict.port, secrets={"password": "wrong-secret"}, user="station")
    rig.run()
    reason = await rig.down()
    assert "password" in reason
    assert "wrong-secret" not in reason


async def test_what_the_brokers_rules_forbid_is_told(rig_of, strict):
    rig = rig_of(strict.port, secrets={"password": "right"}, user="station")
    rig.point("open/a#;write=open/forbidden")
    rig.run()
    await rig.up()
    result = await rig.write("open/a#;write=open/forbidden", 1.0)
    assert result.outcome is WriteOutcome.REFUSED
    assert "Not authorized" in result.text


@pytest.fixture
async def encrypted(tmp_path):
    authority = make_authority(tmp_path)
    authority.issue("broker", "localhost")
    authority.issue("station", "station")
    settings = [
        "allow_anonymous true",
        f"cafile {tmp_path / 'ca.pem'}",
        f"certfile {tmp_path / 'broker.pem'}",
        f"keyfile {tmp_path / 'broker.key'}",
        "require_certificate true",
    ]
    broker = Mosquitto(tmp_path, settings)
    await broker.start()
    yield broker
    broker.kill()


OWN = {"certificate": "station.pem", "key": "station.key"}


async def test_an_encrypted_session_in_which_both_ends_are_known(rig_of, encrypted, tmp_path):
    rig = rig_of(encrypted.port, "mqtts", folder=tmp_path, ca="ca.pem", **OWN)
    rig.point("a")
    rig.run()
    await rig.up()
    assert (await rig.write("a", 1.0)).outcome is WriteOutcome.DONE
    await rig.good("a", 1.0)


async def test_a_broker_that_is_not_trusted_is_not_used(rig_of, encrypted, tmp_path):
    rig = rig_of(encrypted.port, "mqtts", folder=tmp_path, **OWN)
    rig.point("a")
    rig.run()
    reason = await rig.down()
    assert "certificate" in reason
    assert "'ca'" in reason
    assert rig.status("a") == Status.BAD_WAITING_FOR_INITIAL_DATA


async def test_a_file_that_is_missing_is_told(rig_of, encrypted, tmp_path):
    rig = rig_of(encrypted.port, "mqtts", folder=tmp_path, ca="nowhere.pem")
    rig.run()
    assert "certificate file cannot be used" in await rig.down()
