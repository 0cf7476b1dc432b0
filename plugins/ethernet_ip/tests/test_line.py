"""Every wait for a controller has an end, and what is no answer is not taken for one."""

import socket
import threading

import pytest
from pycomm3.exceptions import CommError

from plugins.ethernet_ip.line import Line

HEAD = b"\x70\x00\x04\x00" + bytes(8) + b"_pycomm_" + bytes(4)


@pytest.fixture
def pair():
    """A line, and what it is connected to."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = Line(0.2)
        line.connect("127.0.0.1", server.getsockname()[1])
        other, _ = server.accept()
        with other:
            yield line, other
        line.close()


def asked(line):
    line.send(HEAD)
    return line.receive()


def test_an_answer_in_parts_is_put_together(pair):
    line, other = pair
    line.patience = 10
    line.send(HEAD)
    other.sendall(HEAD[:10])
    later = threading.Thread(target=other.sendall, args=(HEAD[10:] + b"abcd",))
    later.start()
    assert line.receive() == HEAD + b"abcd"
    later.join()


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"\xff\x00garbage\x01\x02" * 3, "no EtherNet/IP"),
        (HEAD[:12] + b"somebody" + bytes(4), "no EtherNet/IP"),
        (HEAD + b"ab", "no answer"),
        (b"", "no answer"),
    ],
)
def test_what_is_no_answer_ends_the_line(pair, sent, reason):
    line, other = pair
    other.sendall(sent)
    with pytest.raises(CommError, match=reason):
        asked(line)
    assert line.broken
    with pytest.raises(CommError, match="gone"):
        asked(line)


@pytest.mark.parametrize("sent", [b"", HEAD[:5], HEAD, HEAD + b"abc"])
def test_one_that_closes_in_the_middle_is_noticed(pair, sent):
    line, other = pair
    line.patience = 30
    other.sendall(sent)
    other.shutdown(socket.SHUT_WR)
    with pytest.raises(CommError, match="closed"):
        asked(line)


def test_who_waits_is_freed_from_outside(pair):
    line, _ = pair
    line.patience = 50
    freed = []

    def wait():
        try:
            asked(line)
        except CommError as fault:
            freed.append(fault)

    waiting = threading.Thread(target=wait)
    waiting.start()
    line.abort()
    waiting.join(30)
    assert len(freed) == 1


def test_where_nobody_listens_the_place_is_told(free_port):
    line = Line(0.2)
    port = free_port()
    with pytest.raises(CommError, match=f"127.0.0.1:{port}"):
        line.connect("127.0.0.1", port)
    line.close()
