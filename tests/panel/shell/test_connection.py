"""The connection over a real socket: handshake, loss, staleness and coming back."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from hmi.core.instants import SECOND
from hmi.core.quality import Status, code
from hmi.link.messages import BEAT_TIMEOUT, Seen, SignIn
from hmi.link.proof import end_of
from hmi.panel.connection import Connection
from hmi.panel.stores import Link, Stores
from tests.helpers_panel.fake_station import KEY, FakeStation
from tests.helpers_panel.socket_station import SocketStation

NO_COMMUNICATION = int(Status.BAD_NO_COMMUNICATION)


class Panel:
    """A connection with its stores, and a clock the test moves."""

    def __init__(self, url: str, key: bytes | None, parent: QObject) -> None:
        self.ahead = 0
        self.connection = Connection(url, "panel test", "pc", lambda: key, parent, self.mono)
        self.stores = Stores(self.connection.send, self.mono)

    def mono(self) -> int:
        return 1_000 * SECOND + self.ahead

    def start(self) -> "Panel":
        self.connection.start(self.stores)
        return self


@pytest.fixture
def owner(qapp: object) -> Iterator[QObject]:
    owner = QObject()
    yield owner
    owner.deleteLater()


@pytest.fixture
def served(owner: QObject) -> Iterator[SocketStation]:
    station = FakeStation()
    station.add("line/tank/level", 42.0)
    made = SocketStation(station, owner)
    yield made
    made.close()


@pytest.fixture
def connect(served: SocketStation, owner: QObject) -> Iterator[Callable[..., Panel]]:
    made: list[Panel] = []

    def start(key: bytes | None = KEY, host: str = "127.0.0.1") -> Panel:
        made.append(Panel(served.url.replace("127.0.0.1", host), key, owner))
        return made[-1].start()

    yield start
    for panel in made:
        panel.connection.close()


def live(panel: Panel, served: SocketStation, qtbot: QtBot) -> None:
    """Beats until the panel shows values as live."""

    def beaten() -> None:
        served.frame_if_open()
        assert panel.stores.session.link is Link.LIVE

    qtbot.waitUntil(lambda: bool(panel.stores.session.name))
    qtbot.waitUntil(lambda: not _fails(beaten))


def _fails(check: Callable[[], None]) -> bool:
    try:
        check()
    except AssertionError:
        return True
    return False


def bound(panel: Panel, served: SocketStation, qtbot: QtBot) -> None:
    panel.stores.values.bind(["line/tank/level"], lambda changed: None)
    live(panel, served, qtbot)
    qtbot.waitUntil(lambda: bool(served.station.subscriptions))
    served.frame()
    qtbot.waitUntil(lambda: panel.stores.values.shown("line/tank/level").value == 42.0)


def test_values_arrive_and_every_beat_is_answered(
    connect: Callable[..., Panel], served: SocketStation, qtbot: QtBot
) -> None:
    panel = connect()
    bound(panel, served, qtbot)
    assert panel.stores.values.shown("line/tank/level").status == 0
    qtbot.waitUntil(lambda: Seen(served.station.frames) in served.station.heard)


def test_the_request_names_the_host_and_no_origin_and_offers_no_compression(
    connect: Callable[..., Panel], served: SocketStation, qtbot: QtBot
) -> None:
    panel = connect()
    qtbot.waitUntil(lambda: panel.stores.session.name == "Bottling")
    (request,) = served.requests
    assert request.path == "/link"
    assert request.headers["Host"] == f"127.0.0.1:{served.port}"
    assert "Origin" not in request.headers
    assert "Sec-WebSocket-Extensions" not in request.headers


def test_fragmented_messages_are_put_together(
    connect: Callable[..., Panel], served: SocketStation, qtbot: QtBot
) -> None:
    served.fragment = 7
    panel = connect()
    bound(panel, served, qtbot)


def test_a_station_whose_beats_stop_is_stale_after_two_seconds(
    connect: Callable[..., Panel], served: SocketStation, qtbot: QtBot
) -> None:
    panel = connect()
    bound(panel, served, qtbot)
    panel.ahead = BEAT_TIMEOUT  # the connection's own timer sees it, nothing else happens
    qtbot.waitUntil(lambda: panel.stores.session.link is Link.STALE)
    assert code(panel.stores.values.shown("line/tank/level").status) == NO_COMMUNICATION


def test_beats_with_a_scan_that_stands_still_are_stale_too_and_values_come_back_by_a_new_snapshot(
    connect: Callable[..., Panel], served: SocketStation, qtbot: QtBot
) -> None:
    panel = connect()
    bound(panel, served, qtbot)
    panel.ahead = BEAT_TIMEOUT
    served.frame(moving=False)
    qtbot.waitUntil(lambda: panel.stores.session.link is Link.STALE)
    old = set(served.station.subscriptions)
    live(panel, served, qtbot)
    assert panel.stores.values.shown("line/tank/level").status == NO_COMMUNICATION
    qtbot.waitUntil(lambda: bool(served.station.subscriptions) and not old & set(served.station.subscriptions))
    served.frame()
    qtbot.waitUntil(lambda: panel.stores.values.shown("line/tank/level").status == 0)


def test_a_lost_connection_comes_back_by_itself(
    connect: Callable[..., Panel], served: SocketStation, qtbot: QtBot
) -> None:
    panel = connect()
    bound(panel, served, qtbot)
    served.drop()
    qtbot.waitUntil(lambda: panel.stores.session.link is Link.LOST)
    assert panel.stores.values.shown("line/tank/level").status == NO_COMMUNICATION
    qtbot.waitUntil(lambda: served.connections == 2)
    live(panel, served, qtbot)
    qtbot.waitUntil(lambda: bool(served.station.subscriptions))
    served.frame()
    qtbot.waitUntil(lambda: panel.stores.values.shown("line/tank/level").status == 0)


def test_nobody_listening_is_a_sentence_that_names_the_place(
    connect: Callable[..., Panel], served: SocketStation, qtbot: QtBot
) -> None:
    served.close()
    panel = connect()
    qtbot.waitUntil(lambda: panel.stores.session.link is Link.LOST)
    assert f"127.0.0.1:{served.port}" in panel.stores.session.sentence


@pytest.mark.parametrize(
    ("status", "raw", "words"),
    [(403, None, "HTTP 403"), (0, b"220 mail.example ESMTP ready\r\n", "is no station")],
)
def test_what_is_no_station_for_us_is_refused(
    connect: Callable[..., Panel], served: SocketStation, qtbot: QtBot, status: int, raw: bytes | None, words: str
) -> None:
    served.status, served.raw = status, raw
    panel = connect()
    qtbot.waitUntil(lambda: panel.stores.session.link is Link.REFUSED)
    assert words in panel.stores.session.sentence


def test_a_station_with_another_key_never_gets_a_password(
    connect: Callable[..., Panel], served: SocketStation, qtbot: QtBot
) -> None:
    panel = connect(b"x" * 32)
    qtbot.waitUntil(lambda: panel.stores.session.link is Link.REFUSED)
    refused: list[str] = []
    panel.stores.commands.sign_in("anna", "bottle", refused.append)
    assert "no password is sent" in refused[0]
    assert not any(isinstance(m, SignIn) for m in served.station.heard)


@pytest.mark.parametrize("data", [b"", b"\xff", b"garbage", b"\x93\xa6Values\x01\x02"])
def test_garbage_ends_the_session_with_a_sentence(
    connect: Callable[..., Panel], served: SocketStation, qtbot: QtBot, data: bytes
) -> None:
    panel = connect()
    live(panel, served, qtbot)
    served.tell_bytes(data or b"\xc1")
    qtbot.waitUntil(lambda: panel.stores.session.link is Link.LOST)
    assert "cannot be read" in panel.stores.session.sentence


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "nonsense", "wss://127.0.0.1:1/link"])
def test_an_address_that_cannot_be_used_is_a_sentence(owner: QObject, url: str) -> None:
    panel = Panel(url, None, owner).start()
    assert panel.stores.session.link is Link.REFUSED
    assert "ws:" in panel.stores.session.sentence
    panel.connection.close()


def test_a_station_is_proved_under_its_name_too_and_not_through_a_relay(
    connect: Callable[..., Panel], served: SocketStation, qtbot: QtBot
) -> None:
    panel = connect(host="localhost")
    live(panel, served, qtbot)
    assert panel.stores.session.proved
    panel.connection.close()
    served.station.end = end_of("127.0.0.1", served.port + 1)  # the one that answers is reached at another port
    panel = connect()
    qtbot.waitUntil(lambda: panel.stores.session.link is Link.REFUSED)
    assert "something relays to it" in panel.stores.session.sentence
    assert not panel.stores.session.proved
