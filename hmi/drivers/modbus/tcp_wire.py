"""Modbus TCP on one socket.

Every try carries a transaction number of its own, so that a late reply to the first is not taken for the second's; a
foreign or torn frame ends the connection at once instead of in a time-out.
"""

from __future__ import annotations

import asyncio
from typing import cast

from hmi.drivers.api import Sink
from hmi.drivers.modbus.pdu import BadReplyError, Request
from hmi.drivers.modbus.tcp_frames import Frame, GarbageError, Splitter, frame_bytes
from hmi.drivers.modbus.wire import NoAnswerError, StreamBrokenError, Wire
from hmi.drivers.supervisor import LinkLostError


class TcpWire(Wire):
    """Matches replies by their transaction number."""

    _pending: asyncio.Future[Frame] | None

    def __init__(self, name: str, sink: Sink) -> None:
        super().__init__(name, sink)
        self._splitter = Splitter()
        self._transaction = 0

    def data_received(self, data: bytes) -> None:
        """Called by asyncio: hands a reply to who waits for it, ignores late ones."""
        try:
            frames = self._splitter.feed(data)
        except GarbageError as fault:
            self._break(str(fault))
            return
        for frame in frames:
            if self._pending is None or self._pending.done() or frame.transaction != self._transaction:
                self._sink.count("late_replies")
            else:
                self._pending.set_result(frame)

    def _break(self, what: str) -> None:
        self._sink.count("garbage")
        self._fail(StreamBrokenError(f"{self._name}: {what}.", "It is connected anew; check the device if it repeats."))

    async def exchange(self, request: Request, patience: float, pause: float = 0.0) -> bytes:
        """See `Wire.exchange`."""
        if pause > 0:
            await self._silence(pause)
        transport = self._ready()
        loop = asyncio.get_running_loop()
        self._transaction = self._transaction % 0xFFFF + 1
        self._pending = loop.create_future()
        self._sink.count("requests")
        transport.write(frame_bytes(self._transaction, request.unit, request.pdu))
        try:
            async with asyncio.timeout(patience):
                frame = await self._pending
        except TimeoutError as fault:
            self._sink.count("timeouts")
            if self._splitter.is_torn:
                self._break("the device stopped in the middle of a reply")
                raise cast("LinkLostError", self._lost) from fault
            raise NoAnswerError(f"no answer within {patience:g} s") from fault
        finally:
            self._pending = None
            self._active = loop.time()
        if frame.unit != request.unit:
            raise BadReplyError(f"unit {frame.unit} answered instead of {request.unit}")
        return frame.pdu
