"""The client's half of the link: who is believed, what is said, and when values stop being live."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.errors import RefusedError
from hmi.core.instants import SECOND
from hmi.link.client import GIVE_UP, HANDSHAKE_TIMEOUT, ClientSession, Ended, Opened, Phase, Received, Stale
from hmi.link.codec import decode_client, encode
from hmi.link.messages import (
    BEAT_TIMEOUT,
    PROTOCOL,
    Admitted,
    Beat,
    ClientMessage,
    GetStatus,
    Goodbye,
    Hello,
    Message,
    Proof,
    Seen,
    SignIn,
    Welcome,
)
from hmi.link.proof import client_proof, end_of, station_proof

KEY = b"k" * 32
OURS, THEIRS = b"c" * 32, b"s" * 32
END = end_of("127.0.0.1", 8470)
START = 1_000 * SECOND


def welcome(*, protocol: int = PROTOCOL, key: bytes | None = KEY, end: str = END) -> Welcome:
    mac = station_proof(key, OURS, THEIRS, end) if key else b""
    return Welcome(protocol, "id", "Bottling", "rev", "active", "UTC", "home", THEIRS, mac)


def session(key: bytes | None = KEY) -> ClientSession:
    return ClientSession("panel 1", "pc", OURS, key, END, START)


def opened(key: bytes | None = KEY) -> ClientSession:
    s = session(key)
    s.received(encode(welcome()), START)
    s.received(encode(Admitted(local=True, may_view=True)), START)
    s.outgoing()
    return s


def sent(s: ClientSession) -> list[ClientMessage]:
    return [decode_client(data) for data in s.outgoing()]


def the_end(events: list[object]) -> Ended:
    (end,) = events
    assert isinstance(end, Ended)
    return end


def test_the_handshake_proves_both_sides() -> None:
    s = session()
    (hello,) = sent(s)
    assert isinstance(hello, Hello)
    assert (hello.protocol, hello.nonce) == (PROTOCOL, OURS)
    assert s.received(encode(welcome()), START) == []
    assert sent(s) == [Proof(client_proof(KEY, OURS, THEIRS, END))]
    (event,) = s.received(encode(Admitted(local=True, may_view=False)), START)
    assert isinstance(event, Opened)
    assert event.proved
    assert event.welcome.name == "Bottling"


def test_a_remote_panel_without_the_key_is_admitted_but_never_sends_a_password() -> None:
    s = session(None)
    s.received(encode(welcome()), START)
    assert sent(s)[-1] == Proof(b"")
    (event,) = s.received(encode(Admitted(local=False, may_view=True)), START)
    assert isinstance(event, Opened)
    assert not event.proved
    with pytest.raises(RefusedError, match="no password is sent"):
        s.send(SignIn(1, "anna", "secret"))
    assert sent(s) == []
    s.send(GetStatus(2))
    assert sent(s) == [GetStatus(2)]


@pytest.mark.parametrize("mac_key", [None, b"x" * 32])
def test_a_station_without_our_key_is_refused_before_anything_is_said(mac_key: bytes | None) -> None:
    s = session()
    s.outgoing()
    end = the_end(s.received(encode(welcome(key=mac_key)), START))
    assert end.refused
    assert "its proof is wrong" in end.sentence
    assert s.outgoing() == []
    with pytest.raises(RefusedError):
        s.send(SignIn(1, "anna", "secret"))


def test_a_relay_that_hands_the_handshake_on_is_sent_no_password() -> None:
    s = session()
    s.outgoing()
    end = the_end(s.received(encode(welcome(end=end_of("127.0.0.1", 8471))), START))
    assert end.refused
    assert "something relays to it" in end.sentence
    assert not s.proved
    assert s.outgoing() == []
    with pytest.raises(RefusedError):
        s.send(SignIn(1, "anna", "secret"))


def test_another_protocol_version_is_one_sentence_that_names_both() -> None:
    end = the_end(session().received(encode(welcome(protocol=PROTOCOL + 6)), START))
    assert end.refused
    assert f"version {PROTOCOL + 6}" in end.sentence
    assert f"version {PROTOCOL}." in end.sentence


def test_a_goodbye_during_the_handshake_is_a_refusal_and_later_is_not() -> None:
    end = the_end(session().received(encode(Goodbye("The host name is not allowed.")), START))
    assert end.refused
    assert "The host name is not allowed." in end.sentence
    assert not the_end(opened().received(encode(Goodbye("The station stops.")), START)).refused


@pytest.mark.parametrize("message", [Beat(1, 1, 1), Admitted(local=True, may_view=True)])
def test_a_handshake_out_of_order_ends_the_session(message: Message) -> None:
    assert the_end(session().received(encode(message), START)).refused


def test_a_second_welcome_ends_the_session() -> None:
    assert not the_end(opened().received(encode(welcome()), START)).refused


def test_silence_in_the_handshake_ends_it() -> None:
    s = session()
    assert s.tick(START + HANDSHAKE_TIMEOUT - 1) == []
    assert "did not answer as a station" in the_end(s.tick(START + HANDSHAKE_TIMEOUT)).sentence
    assert s.tick(START + 10 * HANDSHAKE_TIMEOUT) == []


def test_the_first_beat_proves_nothing_and_every_beat_is_answered() -> None:
    s = opened()
    assert s.received(encode(Beat(1, 10, 0)), START) == []
    assert sent(s) == [Seen(1)]
    beat = Beat(2, 11, 0)
    assert s.received(encode(beat), START) == [Received(beat)]
    assert sent(s) == []
    s.seen(beat)
    assert sent(s) == [Seen(2)]


STILL = [(500, 5), (1000, 5), (1500, 5), (1999, 5)]
SILENT: list[tuple[int, int]] = []


@pytest.mark.parametrize("beats", [STILL, SILENT, [(1999, 4)]])
def test_two_seconds_without_a_moving_scan_are_stale(beats: list[tuple[int, int]]) -> None:
    s = opened()
    s.received(encode(Beat(1, 4, 0)), START)
    s.received(encode(Beat(2, 5, 0)), START)
    for ms, scan in beats:
        assert s.received(encode(Beat(3, scan, 0)), START + ms * 1_000_000) == []
        assert s.tick(START + ms * 1_000_000) == []
    assert s.deadline() == START + BEAT_TIMEOUT
    assert s.tick(START + BEAT_TIMEOUT - 1) == []
    (event,) = s.tick(START + BEAT_TIMEOUT)
    assert isinstance(event, Stale)
    assert s.tick(START + BEAT_TIMEOUT + 1) == []


def stale() -> ClientSession:
    s = opened()
    s.received(encode(Beat(1, 4, 0)), START)
    s.received(encode(Beat(2, 5, 0)), START)
    s.tick(START + BEAT_TIMEOUT)
    return s


def test_a_moving_scan_ends_the_staleness() -> None:
    s = stale()
    later = START + 2 * BEAT_TIMEOUT
    assert s.received(encode(Beat(3, 5, 0)), later) == []
    (event,) = s.received(encode(Beat(4, 6, 0)), later)
    assert isinstance(event, Received)
    assert s.tick(later + BEAT_TIMEOUT - 1) == []
    assert isinstance(s.tick(later + BEAT_TIMEOUT)[0], Stale)


def test_a_silent_stale_connection_is_given_up_but_a_talking_one_is_kept() -> None:
    silent, talking = stale(), stale()
    end = START + BEAT_TIMEOUT + GIVE_UP
    talking.received(encode(Beat(3, 5, 0)), end - 1)
    assert not the_end(silent.tick(end)).refused
    assert talking.tick(end) == []
    assert talking.phase is Phase.OPEN


def test_an_ended_session_is_deaf_and_dumb() -> None:
    s = opened()
    assert "pulled" in the_end(s.closed("The cable was pulled.")).sentence
    assert s.closed("again") == []
    assert s.received(encode(Beat(1, 1, 1)), START) == []
    s.seen(Beat(1, 1, 1))
    assert s.outgoing() == []


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["welcome", "admission", "open"]))
def test_garbage_ends_the_session_with_a_sentence_and_raises_nothing(data: bytes, phase: str) -> None:
    s = session()
    if phase != "welcome":
        s.received(encode(welcome()), START)
    if phase == "open":
        s.received(encode(Admitted(local=True, may_view=True)), START)
    for event in s.received(data, START):
        assert not isinstance(event, Ended) or event.sentence.endswith(".")
