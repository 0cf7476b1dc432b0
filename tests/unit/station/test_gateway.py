import pytest
from starlette.datastructures import Headers

from hmi.station.gateway import Doorkeeper


async def nothing(*_: object) -> None:
    return None


def admits(*pairs: tuple[str, str], hosts: frozenset[str] = frozenset()) -> bool:
    raw = [(name.encode(), value.encode()) for name, value in pairs]
    return Doorkeeper(nothing, hosts).admits(Headers(raw=raw))


@pytest.mark.parametrize("host", ["127.0.0.1:8470", "localhost:8470", "LOCALHOST", "[::1]:8470", "127.0.0.1"])
def test_loopback_names_are_admitted(host: str) -> None:
    assert admits(("host", host))


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8470", "127.0.0.1.evil.example", "", "[::2]:8470"])
def test_foreign_hosts_are_refused(host: str) -> None:
    assert not admits(("host", host))


def test_a_missing_or_doubled_host_is_refused() -> None:
    assert not admits()
    assert not admits(("host", "localhost"), ("host", "evil.example"))


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:8470", "file://"])
def test_web_pages_are_refused_whatever_their_origin(origin: str) -> None:
    assert not admits(("host", "localhost:8470"), ("origin", origin))


def test_a_configured_host_is_admitted() -> None:
    assert admits(("host", "line1:8470"), hosts=frozenset({"Line1"}))
    assert admits(("host", "[fd00::7]:8470"), hosts=frozenset({"fd00::7"}))
