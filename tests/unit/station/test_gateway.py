from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.datastructures import Headers
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from hmi.link.codec import decode_station, encode
from hmi.link.messages import PROTOCOL, ConnectionStatus, Goodbye, Hello, Message, StatusReport
from hmi.link.server import StationFacts
from hmi.station.gateway import Doorkeeper, Gateway
from hmi.station.turned_away import TurnedAway
from tests.helpers_panel.fake_station import report

from .fakes import FakeClock, latest

FACTS = StationFacts("s", "Line", "r", "active", "UTC", "", view_without_sign_in=False)


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


class Caller:
    """A socket whose client says one thing and then leaves."""

    application_state = WebSocketState.CONNECTED
    client = SimpleNamespace(host="10.0.0.7")
    scope: Mapping[str, Any] = {"server": ("10.0.0.1", 8470)}

    def __init__(self, said: bytes) -> None:
        self._said = [said]
        self.heard: list[Message] = []

    async def accept(self) -> None:
        return None

    async def receive_bytes(self) -> bytes:
        if not self._said:
            raise WebSocketDisconnect
        return self._said.pop()

    async def send_bytes(self, data: bytes) -> None:
        self.heard.append(decode_station(data))

    async def close(self) -> None:
        self.application_state = WebSocketState.DISCONNECTED


async def calls(said: bytes, times: int) -> tuple[list[Message], list[tuple[str, str, str]]]:
    """What the last of some equal callers heard, and the events of all."""
    events: list[tuple[str, str, str]] = []
    none: Any = None
    clock = FakeClock()
    away = TurnedAway(clock, lambda *line: events.append(line))
    gateway = Gateway(FACTS, b"k" * 32, clock, 1, latest, none, none, none, none, away)
    heard: list[Message] = []
    for _ in range(times):
        caller = Caller(said)
        await gateway.link(cast("WebSocket", caller))
        heard = caller.heard
    return heard, events


async def test_another_protocol_version_is_a_sentence_and_one_event_however_often_it_calls() -> None:
    heard, events = await calls(encode(Hello(PROTOCOL + 1, "panel 9", "pc", bytes(32))), 30)
    [goodbye] = heard
    assert isinstance(goodbye, Goodbye)
    assert f"the client version {PROTOCOL + 1}" in goodbye.reason
    assert events == [("client-refused", "10.0.0.7", goodbye.reason)]


async def test_what_is_no_message_is_an_event_too() -> None:
    _, events = await calls(b"\xff" * 100, 1)
    assert [(kind, source) for kind, source, _ in events] == [("client-refused", "10.0.0.7")]


async def test_a_client_that_leaves_by_itself_is_no_event() -> None:
    _, events = await calls(encode(Hello(PROTOCOL, "panel", "pc", bytes(32))), 1)
    assert not events


async def metrics_of(report: StatusReport) -> list[str]:
    none: Any = None
    clock = FakeClock()
    away = TurnedAway(clock, lambda *_: None)
    gateway = Gateway(FACTS, b"k" * 32, clock, 1, latest, none, none, lambda: report, none, away)
    answer = await gateway.metrics(none)
    return bytes(answer.body).decode().splitlines()


async def test_the_metrics_tell_the_ages_of_a_connection_and_the_store_time() -> None:
    up = ConnectionStatus("plc", "opcua", "x", "up", "", 1, 1, 0.0, 40.0, 96.5, {}, 131.0)
    silent = ConnectionStatus("meter", "modbus", "y", "down", "", 1, 0, 0.0, None, None, {})
    history = {"samples": 5, "store_p95_ms": 812.0, "oldest_waiting_ms": None}
    lines = await metrics_of(report(connections=[up, silent], history=history))
    assert [line for line in lines if "age_ms" in line] == [
        'lineside_connection_age_ms{connection="plc",quantile="0.5"} 40.0',
        'lineside_connection_age_ms{connection="plc",quantile="0.95"} 96.5',
        'lineside_connection_age_ms{connection="plc",quantile="0.99"} 131.0',
    ]
    assert "lineside_history_store_p95_ms 812.0" in lines
    assert not any("oldest_waiting" in line for line in lines)
