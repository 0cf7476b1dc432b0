"""Secured OPC UA: every policy and identity against a real server, and every way not to be let in."""

import asyncio
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization

from hmi.core.quality import is_bad
from hmi.drivers.api import LinkState, WriteOutcome
from hmi.drivers.opcua import DRIVER
from hmi.drivers.opcua.security.trust import TrustList, TrustState, thumbprint
from tests.helpers_drivers.harness import Proxy, RichOpcUaProcess
from tests.helpers_drivers.opcua_certificates import DAY, a_certificate, a_key, for_server, pem_of

pytestmark = pytest.mark.usefixtures("quiet")
NODE = "nsu=urn:lineside:rich;s=Line.Temperature"
POLICIES = ("Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss")


@pytest.fixture(scope="module")
def key():
    return a_key()


@pytest.fixture(scope="module")
def process(tmp_path_factory, key):
    """Open to anonymous clients, with every policy."""
    folder = tmp_path_factory.mktemp("server")
    certificate = a_certificate(key)
    for_server(folder, certificate, key)
    server = RichOpcUaProcess(folder=str(folder))
    server.certificate = certificate
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory, key):
    """Lets in one user, or anybody with a certificate."""
    folder = tmp_path_factory.mktemp("guarded")
    certificate = a_certificate(key)
    for_server(folder, certificate, key)
    server = RichOpcUaProcess(folder=str(folder), user="ann", password="a-good-secret")
    server.certificate = certificate
    server.start()
    yield server
    server.kill()


async def up(rig):
    rig.point(NODE)
    rig.run()
    await rig.until(lambda: rig.sink.count_of(LinkState.UP) == 1)


async def refused(rig, sentence):
    """One event whatever the number of attempts, and no good value."""
    rig.point(NODE)
    rig.run()
    await rig.until(lambda: rig.sink.counters["failed_attempts"] >= 2)
    assert rig.sink.count_of(LinkState.DOWN) == 1
    assert sentence in rig.sink.states[-1][1]
    assert not [status for _, status, _ in rig.sink.rows(1) if not is_bad(status)]


def trusting(folder, server):
    TrustList(folder).add(server.certificate)
    return folder


@pytest.mark.parametrize("mode", ["Sign", "SignAndEncrypt"])
@pytest.mark.parametrize("policy", POLICIES)
async def test_every_policy(rig_of, process, tmp_path, policy, mode):
    rig = rig_of(DRIVER, process.url, folder=trusting(tmp_path, process), security=policy, mode=mode)
    await process.ask(set=["Temperature", 20.5])
    await up(rig)
    await rig.good(NODE, 20.5)
    assert (await rig.write(NODE, 21.5)).outcome is WriteOutcome.DONE
    await rig.good(NODE, 21.5)


async def test_a_secured_session_survives_a_short_loss(rig_of, process, tmp_path):
    proxy = Proxy(process.port)
    await proxy.start()
    url = f"opc.tcp://127.0.0.1:{proxy.port}/"
    rig = rig_of(DRIVER, url, folder=trusting(tmp_path, process), security="Basic256Sha256")
    await process.ask(set=["Temperature", 1.0])
    await up(rig)
    await rig.good(NODE, 1.0)
    await proxy.stop()
    await rig.until(lambda: rig.sink.count_of(LinkState.DOWN) == 1)
    await process.ask(set=["Temperature", 2.0])
    await proxy.start()
    await rig.good(NODE, 2.0)
    assert rig.sink.counters["resumed_sessions"] == 1
    await rig.stop()
    await proxy.stop()


async def test_an_unknown_server_is_used_only_after_somebody_accepted_it(rig_of, process, tmp_path):
    rig = rig_of(DRIVER, process.url, folder=tmp_path, security="Basic256Sha256")
    await refused(rig, "not trusted")
    assert "hmi trust accept" in rig.sink.states[-1][1]
    (waiting,) = TrustList(tmp_path).known()
    assert (waiting.state, waiting.thumbprint) == (TrustState.REJECTED, thumbprint(process.certificate))
    TrustList(tmp_path).accept(waiting.thumbprint)
    await rig.until(lambda: rig.sink.count_of(LinkState.UP) == 1)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"begins": datetime.now(UTC) - 3 * DAY, "ends": datetime.now(UTC) - DAY}, "was valid until"),
        ({"begins": datetime.now(UTC) + DAY}, "valid from"),
        ({"host": "other.plant"}, "does not name the host"),
        ({"uri": "urn:another:server"}, "is not that of"),
    ],
    ids=["expired", "not-yet", "host", "uri"],
)
async def test_a_wrong_certificate_is_one_event_with_the_reason(rig_of, key, tmp_path, wrong, sentence):
    certificate = a_certificate(key, **wrong)
    for_server(tmp_path, certificate, key)
    server = RichOpcUaProcess(folder=str(tmp_path))
    server.certificate = certificate
    await asyncio.to_thread(server.start)
    try:
        rig = rig_of(DRIVER, server.url, folder=trusting(tmp_path, server), security="Basic256Sha256")
        await refused(rig, sentence)
        await rig.stop()
    finally:
        await asyncio.to_thread(server.kill)


@pytest.mark.parametrize("mode", ["Sign", "SignAndEncrypt"])
@pytest.mark.parametrize("policy", POLICIES)
async def test_user_and_password(rig_of, guarded, tmp_path, policy, mode):
    rig = rig_of(DRIVER, guarded.url, {"password": "a-good-secret"}, trusting(tmp_path, guarded),
                 security=policy, mode=mode, identity="password", user="ann")  # fmt: skip
    await up(rig)
    await rig.until(lambda: bool(rig.sink.rows(1)))


@pytest.mark.parametrize(
    ("secrets", "sentence"),
    [({"password": "wrong"}, "BadUserAccessDenied"), ({}, "the secret 'password' is missing")],
)
async def test_a_wrong_password_is_one_event_and_never_told(rig_of, guarded, tmp_path, secrets, sentence):
    rig = rig_of(DRIVER, guarded.url, secrets, trusting(tmp_path, guarded),
                 security="Basic256Sha256", identity="password", user="ann")  # fmt: skip
    await refused(rig, sentence)
    assert "hmi secret set" in rig.sink.states[-1][1]
    assert "wrong" not in str(rig.sink.states)


async def test_anonymous_is_not_let_in(rig_of, guarded, tmp_path):
    await refused(rig_of(DRIVER, guarded.url, folder=trusting(tmp_path, guarded), security=POLICIES[0]), "BadIdentity")


async def test_user_certificate(rig_of, guarded, tmp_path):
    user = a_key()
    secrets = {
        "user_certificate": a_certificate(user).public_bytes(serialization.Encoding.PEM).decode(),
        "user_key": pem_of(user).decode(),
    }
    rig = rig_of(DRIVER, guarded.url, secrets, trusting(tmp_path, guarded),
                 security="Basic256Sha256", identity="certificate")  # fmt: skip
    await up(rig)
    await rig.until(lambda: bool(rig.sink.rows(1)))


async def test_a_policy_that_the_server_does_not_offer(rig_of, tmp_path):
    server = RichOpcUaProcess()
    await asyncio.to_thread(server.start)
    try:
        rig = rig_of(DRIVER, server.url, folder=tmp_path, security="Basic256Sha256")
        await refused(rig, "does not offer")
        await rig.stop()
    finally:
        await asyncio.to_thread(server.kill)


async def test_without_a_folder_nothing_is_secured(rig_of, process):
    await refused(rig_of(DRIVER, process.url, security="Basic256Sha256"), "no folder")
