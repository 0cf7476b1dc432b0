"""A serial port as an asyncio transport; a thread reads it, because not every system's event loop can wait for one."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Final

from hmi.drivers.modbus.endpoint import Parity, SerialEndpoint
from hmi.drivers.supervisor import LinkLostError

if TYPE_CHECKING:
    from serial import Serial


def open_port(name: str, endpoint: SerialEndpoint) -> Serial:
    """The port, for this process alone.

    Raises:
        LinkLostError: it is missing, taken or unusable, or pyserial is not installed.
    """
    try:
        import serial  # noqa: PLC0415 - an option of the installation, needed only where there is a serial port
    except ImportError as fault:
        raise LinkLostError(
            f"{name}: serial ports need the package pyserial, which is not installed.", "Install lineside[serial]."
        ) from fault
    parity = {Parity.EVEN: serial.PARITY_EVEN, Parity.ODD: serial.PARITY_ODD, Parity.NONE: serial.PARITY_NONE}
    try:
        port = serial.Serial(
            endpoint.device,
            endpoint.baud,
            parity=parity[endpoint.parity],
            stopbits=endpoint.stop_bits,
            write_timeout=0,
            exclusive=True,
        )
    except _GONE as fault:
        raise LinkLostError(
            f"{name}: the serial port {endpoint.device} cannot be opened ({fault}).",
            "Check that it is plugged in, not used by another program, and that the station may use it.",
        ) from fault
    return port


def _faults() -> tuple[type[Exception], ...]:
    """What pyserial lets out when a port vanishes; it trips over its own handles, too."""
    if sys.platform == "win32":
        return (OSError, TypeError, ValueError)
    import termios  # noqa: PLC0415 - is not there on Windows

    return (OSError, TypeError, ValueError, termios.error)


_GONE: Final = _faults()


class SerialTransport(asyncio.Transport):
    """Carries bytes between an open port and a protocol."""

    def __init__(self, port: Serial, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._port = port
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._closing = False
        self._reader = Thread(target=self._read, name=f"serial {port.port}", daemon=True)
        protocol.connection_made(self)
        self._reader.start()

    def is_closing(self) -> bool:
        """Whether it is being closed."""
        return self._closing

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Puts bytes into the port's own buffer; what it has no room for is lost, as on a line that nobody hears."""
        if self._closing:
            return
        try:
            self._put(data)
        except _GONE:
            # The reader learns of a port that is gone, and tells it.
            self._port.cancel_read()

    def _put(self, data: bytes | bytearray | memoryview) -> None:
        if sys.platform == "win32":
            self._port.write(data)
            return
        # With a full buffer pyserial would try without end, and the station's loop would stand still.
        with suppress(BlockingIOError):
            os.write(self._port.fileno(), data)

    def abort(self) -> None:
        """Closes the port as soon as the reader has let it go."""
        if not self._closing:
            self._closing = True
            self._port.cancel_read()

    def _read(self) -> None:
        """The reader's thread."""
        fault: Exception | None = None
        try:
            while not self._closing:
                data = self._port.read(max(1, self._port.in_waiting))
                if data:
                    self._loop.call_soon_threadsafe(self._came, data)
        except _GONE as gone:
            fault = gone
        self._loop.call_soon_threadsafe(self._end, fault)

    def _came(self, data: bytes) -> None:
        if not self._closing:
            self._protocol.data_received(data)

    def _end(self, fault: Exception | None) -> None:
        self._closing = True
        self._reader.join()
        with suppress(*_GONE):
            # What is left would hold the port until it has gone out.
            self._port.reset_output_buffer()
        self._port.close()
        self._protocol.connection_lost(fault)
