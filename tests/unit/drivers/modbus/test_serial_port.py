"""A serial port that is not there, cannot be had, or from which nothing leaves."""

import asyncio
import os
import sys
import tty

import pytest

from hmi.drivers.modbus.endpoint import Parity, SerialEndpoint
from hmi.drivers.modbus.serial_port import SerialTransport, open_port
from hmi.drivers.supervisor import LinkLostError


@pytest.fixture
def port():
    """A pseudo terminal whose far end nobody reads."""
    master, slave = os.openpty()
    tty.setraw(slave)
    yield SerialEndpoint(os.ttyname(slave), parity=Parity.NONE)
    os.close(master)
    os.close(slave)


class Listener(asyncio.Protocol):
    def __init__(self):
        self.lost = asyncio.Event()

    def connection_lost(self, exc):
        self.lost.set()


def test_a_port_that_is_missing_is_said():
    with pytest.raises(LinkLostError, match="meter: the serial port /dev/ttyNONE cannot be opened"):
        open_port("meter", SerialEndpoint("/dev/ttyNONE"))


def test_without_the_package_the_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "serial", None)
    with pytest.raises(LinkLostError, match=r"lineside\[serial\]"):
        open_port("meter", SerialEndpoint("/dev/ttyUSB0"))


def test_a_port_has_one_owner(port):
    with open_port("meter", port), pytest.raises(LinkLostError, match="not used by another program"):
        open_port("other", port)


async def test_a_port_from_which_nothing_leaves_does_not_stop_the_station(port):
    listener = Listener()
    transport = SerialTransport(open_port("meter", port), listener)
    for _ in range(1000):
        transport.write(bytes(100))
    transport.abort()
    transport.abort()
    await listener.lost.wait()
    transport.write(b"after the end")
    assert transport.is_closing()
