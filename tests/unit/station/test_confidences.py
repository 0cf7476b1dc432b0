from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hmi.core.errors import LinesideError
from hmi.core.rights import Role
from hmi.link.messages import GetCertificates, SetSecret, TrustCertificate
from hmi.station.confidences import Confidences
from hmi.station.secret_store import SecretStore
from hmi.station.who import Who

from .fakes import FakeClock, FakeTrail

EVA = Who("eva", Role.ENGINEER, "panel")
OTTO = Who("otto", Role.OPERATOR, "panel")


@dataclass
class Certificate:
    thumbprint: str = "ab12"
    state: str = "rejected"
    subject: str = "CN=plc"
    begins: int = 1
    ends: int = 2


@dataclass
class List:
    one: Certificate = field(default_factory=Certificate)

    def known(self) -> list[Certificate]:
        return [self.one]

    def accept(self, prefix: str) -> Certificate:
        return self._to("trusted", prefix)

    def reject(self, prefix: str) -> Certificate:
        return self._to("rejected", prefix)

    def _to(self, state: str, prefix: str) -> Certificate:
        if not self.one.thumbprint.startswith(prefix):
            raise LinesideError(f"No certificate begins with {prefix}.")
        self.one.state = state
        return self.one


class Bench:
    def __init__(self, folder: Path) -> None:
        self.secrets, self.trail, self.anew, self.list = SecretStore(folder), FakeTrail(), list[str](), List()

        def make_anew(name: str) -> bool:
            self.anew.append(name)
            return True

        self.served = Confidences(
            self.secrets, {"opcua": lambda: self.list}, make_anew, self.trail, FakeClock(), lambda _: None
        )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_a_secret_is_kept_and_its_connection_made_anew(bench: Bench) -> None:
    result = await bench.served.set_secret(EVA, SetSecret(1, "command-1", "plc", "password", "hush-hush"))
    assert (result.state, result.text) == ("done", "password of plc was set.")
    assert bench.secrets.of("plc") == {"password": "hush-hush"}
    assert bench.anew == ["plc"]
    assert "hush" not in str(bench.trail.lines)
    again = await bench.served.set_secret(EVA, SetSecret(2, "command-1", "plc", "password", "other"))
    assert again.state == "refused"
    assert bench.secrets.of("plc") == {"password": "hush-hush"}


@pytest.mark.parametrize(
    "command", [SetSecret(1, "c1", "plc", "password", "x"), TrustCertificate(1, "c1", "opcua", "ab", True)]
)
async def test_an_operator_sets_neither(bench: Bench, command: Any) -> None:
    serve = bench.served.set_secret if isinstance(command, SetSecret) else bench.served.trust
    result = await serve(OTTO, command)
    assert (result.state, result.text) == ("refused", "Sign in as an engineer to set up connections.")
    assert bench.secrets.of("plc") == {}
    assert bench.list.one.state == "rejected"
    assert bench.trail.lines[-1][2].startswith("refused")


async def test_certificates_are_listed_trusted_and_not_trusted_any_more(bench: Bench) -> None:
    [row] = (await bench.served.certificates(GetCertificates(1, "opcua"))).rows
    assert (row.thumbprint, row.subject, row.trusted) == ("ab12", "CN=plc", False)
    trusted = await bench.served.trust(EVA, TrustCertificate(1, "command-1", "opcua", "ab12", True))
    assert trusted.text == "CN=plc is trusted."
    [row] = (await bench.served.certificates(GetCertificates(1, "opcua"))).rows
    assert row.trusted
    await bench.served.trust(EVA, TrustCertificate(1, "command-2", "opcua", "ab12", False))
    assert bench.list.one.state == "rejected"
    wrong = await bench.served.trust(EVA, TrustCertificate(1, "command-3", "opcua", "ff", True))
    assert (wrong.state, wrong.text) == ("refused", "No certificate begins with ff.")
    none = await bench.served.trust(EVA, TrustCertificate(1, "command-4", "modbus", "ab", True))
    assert none.text == "The driver 'modbus' knows no certificates."
    assert (await bench.served.certificates(GetCertificates(1, "modbus"))).rows == []
