import pytest

from hmi.core.batch import EMPTY, Batch, Int32, batch_of
from hmi.core.instants import SECOND, Instants
from hmi.core.rights import Role
from hmi.link.codec import WireError, decode_station, encode
from hmi.link.messages import (
    BEAT_INTERVAL,
    PROTOCOL,
    Admitted,
    Alarms,
    Beat,
    GetStatus,
    Hello,
    Message,
    Proof,
    Seen,
    Subscribe,
    Values,
    Welcome,
)
from hmi.link.proof import client_proof, end_of, proves, station_proof
from hmi.link.server import HANDSHAKE_TIMEOUT, SUBSCRIPTIONS, ServerSession, SessionOver, StationFacts

KEY, NONCE, MINE = b"k" * 32, b"n" * 32, b"m" * 32
END = end_of("127.0.0.1", 8470)


def facts(*, view: bool = True) -> StationFacts:
    return StationFacts("id", "Line", "rev", "active", "UTC", "overview", view)


def latest(_: Int32) -> Batch:
    return EMPTY


def session(*, view: bool = True, mac: bytes | None = None, opened: bool = True) -> ServerSession:
    made = ServerSession(facts(view=view), KEY, NONCE, END, 10, 0)
    if opened:
        made.receive(encode(Hello(PROTOCOL, "panel 1", "pc", MINE)), 0)
        made.receive(encode(Proof(client_proof(KEY, MINE, NONCE, END) if mac is None else mac)), 0)
        made.take_replies()
    return made


def say(made: ServerSession, message: Message, at: int = 0) -> list[object]:
    made.receive(encode(message), at)
    return [decode_station(data) for data in made.take_replies()]


def frame(made: ServerSession, at: int, scan: int = 1) -> list[object]:
    return [decode_station(data) for data in made.frame(Instants(at, at), scan, latest)]


def test_handshake_proves_both_sides() -> None:
    made = session(opened=False)
    [welcome] = say(made, Hello(PROTOCOL, "panel 1", "pc", MINE))
    assert isinstance(welcome, Welcome)
    assert proves(welcome.mac, station_proof(KEY, MINE, welcome.nonce, END))
    assert say(made, Proof(client_proof(KEY, MINE, welcome.nonce, END))) == [Admitted(local=True, may_view=True)]


def test_a_client_without_key_is_remote_and_sees_nothing() -> None:
    made = session(opened=False)
    say(made, Hello(PROTOCOL, "panel 1", "pc", MINE))
    assert say(made, Proof(b"")) == [Admitted(local=False, may_view=False)]


def test_a_wrong_key_ends_the_session() -> None:
    with pytest.raises(SessionOver, match="key"):
        session(mac=b"x" * 32)


@pytest.mark.parametrize("end", [end_of("127.0.0.1", 8471), end_of("127.0.0.2", 8470), ""])
def test_a_client_that_reached_something_else_is_not_local(end: str) -> None:
    with pytest.raises(SessionOver, match="key"):
        session(mac=client_proof(KEY, MINE, NONCE, end) or b"x" * 32)


def test_another_protocol_is_refused_with_both_versions() -> None:
    made = session(opened=False)
    with pytest.raises(SessionOver, match=f"version {PROTOCOL}, the client version 99"):
        made.receive(encode(Hello(99, "panel 1", "pc", MINE)), 0)


@pytest.mark.parametrize("message", [Proof(b""), Seen(1), GetStatus(1), Subscribe(1, [1])])
def test_nothing_is_said_before_hello(message: Message) -> None:
    with pytest.raises(SessionOver):
        session(opened=False).receive(encode(message), 0)


@pytest.mark.parametrize("message", [Hello(PROTOCOL, "p", "c", MINE), Proof(b"")])
def test_the_handshake_happens_once(message: Message) -> None:
    with pytest.raises(SessionOver):
        session().receive(encode(message), 0)


def test_garbage_ends_the_session() -> None:
    with pytest.raises(WireError):
        session().receive(b"\x00garbage", 0)


def test_requests_are_passed_on() -> None:
    assert session().receive(encode(GetStatus(4)), 0) == GetStatus(4)


def test_a_beat_comes_at_least_twice_a_second_and_says_the_scan() -> None:
    made = session()
    frame(made, SECOND)
    made.receive(encode(Seen(1)), SECOND)
    assert frame(made, SECOND + BEAT_INTERVAL - 1) == []
    assert frame(made, SECOND + BEAT_INTERVAL, scan=42) == [Beat(2, 42, SECOND + BEAT_INTERVAL)]


def test_two_frames_at_most_are_under_way() -> None:
    made = session()
    assert frame(made, 1 * SECOND)
    assert frame(made, 2 * SECOND)
    assert frame(made, 3 * SECOND) == []
    made.receive(encode(Seen(1)), 3 * SECOND)
    assert frame(made, 3 * SECOND)


def test_silence_ends_the_session_after_five_seconds() -> None:
    made = session()
    frame(made, 10 * SECOND)
    assert made.overdue(15 * SECOND) == ""
    assert "5 s" in made.overdue(15 * SECOND + 1)
    made.receive(encode(Seen(1)), 15 * SECOND + 1)
    assert made.overdue(100 * SECOND) == ""


def test_a_client_cannot_acknowledge_what_was_not_sent() -> None:
    made = session()
    made.receive(encode(Seen(1000)), 0)
    frame(made, SECOND)
    frame(made, 2 * SECOND)
    assert frame(made, 3 * SECOND) == []


def test_an_unfinished_handshake_ends() -> None:
    made = session(opened=False)
    assert made.overdue(HANDSHAKE_TIMEOUT) == ""
    assert made.overdue(HANDSHAKE_TIMEOUT + 1)


def test_values_and_alarms_wait_for_the_right_to_view() -> None:
    made = session(view=False)
    made.outbox.offer_alarm_snapshot([], 0)
    assert [type(m) for m in frame(made, SECOND)] == [Beat]
    made.role, made.user = Role.VIEWER, "viewer"
    assert [type(m) for m in frame(made, 2 * SECOND)] == [Alarms, Beat]


@pytest.mark.parametrize("samples", [False, True])
def test_who_may_not_view_may_subscribe_and_is_sent_nothing(samples: bool) -> None:
    made = session(view=False)
    made.receive(encode(Subscribe(1, [1], samples)), 0)
    for second in range(1, 4):
        made.outbox.offer(batch_of([1], [second], [second], [20.0], [0]))
        made.outbox.offer_alarms([], second)
        assert [type(m) for m in frame(made, second * SECOND)] == [Beat]
        made.receive(encode(Seen(second)), 0)
    made.role, made.user = Role.VIEWER, "viewer"
    assert Values in [type(m) for m in frame(made, 5 * SECOND)]
    made.role, made.user = Role.NONE, ""
    made.outbox.offer(batch_of([1], [6], [6], [21.0], [0]))
    assert [type(m) for m in frame(made, 7 * SECOND)] == [Beat]


def test_a_subscription_is_replaced_however_many_are_open() -> None:
    made = session()
    for number in range(SUBSCRIPTIONS):
        made.receive(encode(Subscribe(number, [1])), 0)
    made.receive(encode(Subscribe(7, [2])), 0)
    assert len(made.outbox) == SUBSCRIPTIONS


def test_subscriptions_are_bounded() -> None:
    made = session()
    for number in range(SUBSCRIPTIONS):
        made.receive(encode(Subscribe(number, [1])), 0)
    with pytest.raises(SessionOver, match="subscriptions"):
        made.receive(encode(Subscribe(SUBSCRIPTIONS, [1])), 0)
