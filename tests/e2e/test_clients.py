"""Clients that misbehave, and a station that stops scanning: nobody delays the scan, and nothing stale looks live."""

import socket
import time

import pytest

from hmi.link.messages import Subscribe
from tests.helpers_station.client import Known, LinkUser
from tests.helpers_station.line import Line, until

pytestmark = pytest.mark.timeout(180)


BUSY = 1.0
"""Seconds that a machine busy with tests may be late with a promise about time."""


class Deaf(LinkUser):
    """Subscribes to everything and then never reads again: its socket fills up."""

    def __init__(self, url: str, key: bytes) -> None:
        self.deaf = False
        super().__init__(url, key, who="deaf")

    def _run(self) -> None:
        """Reads only until the handshake is over; then what comes stays in the socket."""
        while self.known.opened is None:
            self._take(self._session.received(bytes(self._socket.recv(10)), time.monotonic_ns()))
            self._flush()

    def see_everything(self, tags: list[int]) -> None:
        """Asks for every sample of every tag many times over, so that the socket's buffers do not last."""
        for number in range(30):
            self.send(Subscribe(number, tags, samples=True))


def scans_between(known: Known, start: float, end: float) -> float:
    """Scans a second that another client saw."""
    beats = [(at, beat) for at, beat in known.beats if start <= at <= end]
    (first_at, first), (last_at, last) = beats[0], beats[-1]
    return (last.scan - first.scan) / (last_at - first_at)


def test_client_that_never_reads_delays_nobody_and_is_dropped(line: Line) -> None:
    line.start_plcs()
    line.start_station()
    with line.client() as witness:
        line.wait_good(witness)
        entries = witness.find("")
        witness.subscribe("plant/bottling/mixer/level")
        first = time.monotonic()
        beats = len(witness.known.beats)
        witness.wait(lambda k: len(k.beats) > beats + 20, "some seconds without the deaf client")
        began = time.monotonic()
        usual = scans_between(witness.known, first, began)
        with Deaf(line.url, line.key) as deaf:
            deaf.opened()
            deaf.see_everything([i.tag for i in entries])
            until(lambda: witness.status().clients == 2, "both clients")
            until(lambda: witness.status().clients == 1, "the end of the deaf client")
            dropped = time.monotonic() - began
        rate = scans_between(witness.known, began, began + dropped)
        assert rate > usual / 2, f"{rate:.1f} scans/s while a client did not read, {usual:.1f} before"
        assert not witness.known.stale_at


def test_client_that_never_shakes_hands_is_dropped(line: Line) -> None:
    line.start_station()
    port = int(line.url.rpartition(":")[2])
    with line.client() as witness, socket.create_connection(("127.0.0.1", port)) as mute:
        mute.sendall(
            b"GET /link HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        until(lambda: witness.status().clients == 2, "the mute client")
        until(lambda: witness.status().clients == 1, "its end", 20)


def test_stopped_scan_is_stale_within_two_seconds_and_recovers(line: Line) -> None:
    line.start_plcs("process")
    line.start_station()
    with line.client() as client:
        client.subscribe("plant/bottling/mixer/level")
        client.until("plant/bottling/mixer/level", lambda v: v.is_good, 45)
        client.wait(lambda k: k.beats, "a beat")
        line.running.suspend()
        try:
            last = client.known.beats[-1][0]
            client.wait(lambda k: k.stale_at, "the client to say that nothing is live", 10)
            silence = client.known.stale_at[0] - client.known.beats[-1][0]
            assert silence <= 2.0 + BUSY, f"stale {silence:.2f} s after the last beat (stopped at {last:.2f})"
        finally:
            line.running.resume()
        beats = len(client.known.beats)
        client.wait(lambda k: len(k.beats) > beats + 5, "beats again")
        assert len(client.known.stale_at) == 1
        assert client.until("plant/bottling/mixer/level", lambda v: v.at > client.known.stale_at[0] and v.is_good, 30)
