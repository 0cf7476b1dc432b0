"""Modbus RTU on a serial port, or through a TCP socket behind which a serial line is.

RTU replies carry no number, so the only guard against taking a late answer for the next one is silence: after a
time-out the unit is asked nothing for as long again, after a later try was answered for three times as long, and what
comes meanwhile is dropped. Noise is a part of serial life and does not end the connection; the exchange that it spoilt
counts as unanswered.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

from hmi.drivers.api import Sink
from hmi.drivers.modbus.endpoint import Endpoint, SerialEndpoint
from hmi.drivers.modbus.pdu import Request
from hmi.drivers.modbus.rtu_frames import Receiver, RtuFrame, reply_bytes, rtu_bytes
from hmi.drivers.modbus.wire import GarbledError, NoAnswerError, Wire

_DOUBT = 3.0
"""Time-outs for which a reply to an earlier try may still come after a later try was answered."""


class _Debt:
    """Answers that one unit still owes and may give at a wrong moment."""

    def __init__(self) -> None:
        self.count = 0
        self.until = 0.0
        """Loop seconds until which nothing is asked of the unit."""
        self.ends = False
        """A later try was answered: after `until` the missing answers are given up."""
        self.paid = asyncio.Event()

    def grow(self, until: float) -> None:
        """One more request was not answered in time."""
        self.count, self.until, self.ends = self.count + 1, until, False
        self.paid.clear()

    def answered_at_last(self, until: float) -> None:
        """A try was answered: by its own answer, or by the one of an earlier try."""
        if self.count:
            self.until, self.ends = until, True

    def pay(self) -> None:
        """An answer came that nobody waits for any more."""
        self.count = max(0, self.count - 1)
        if not self.count:
            self.paid.set()

    async def settle(self) -> None:
        """Waits until an answer cannot be mistaken any more."""
        if not self.count:
            return
        try:
            async with asyncio.timeout_at(self.until):
                await self.paid.wait()
        except TimeoutError:
            if self.ends:
                self.count = 0


class RtuWire(Wire):
    """Matches replies by unit, function and length, and by silence."""

    _pending: asyncio.Future[bytes] | None

    def __init__(self, name: str, sink: Sink, endpoint: Endpoint) -> None:
        super().__init__(name, sink)
        self._receiver = Receiver()
        self._endpoint = endpoint
        self._request: Request | None = None
        self._debts: dict[int, _Debt] = defaultdict(_Debt)
        self._foreign: int | None = None
        """Another unit that answered during this exchange."""

    @property
    def echoes(self) -> bool:
        """Whether the line returns what is sent."""
        return self._receiver.echoes

    def data_received(self, data: bytes) -> None:
        """Called by the transport: hands a reply to who waits for it, drops late and foreign ones."""
        self._active = asyncio.get_running_loop().time()
        noise = self._receiver.noise
        for frame in self._receiver.feed(data):
            self._take(frame)
        if self._receiver.noise > noise:
            self._sink.count("garbage")

    def _take(self, frame: RtuFrame) -> None:
        request, pending, debt = self._request, self._pending, self._debts[frame.unit]
        if request is None or pending is None or pending.done():
            self._sink.count("late_replies")
            debt.pay()
        elif frame.unit != request.unit or (debt.count and _is_of_another(frame, request)):
            self._sink.count("late_replies")
            self._foreign = frame.unit
            debt.pay()
        else:
            pending.set_result(frame.pdu)

    async def exchange(self, request: Request, patience: float, pause: float = 0.0) -> bytes:
        """See `Wire.exchange`."""
        debt = self._debts[request.unit]
        await self._settle(debt, pause)
        transport = self._ready()
        loop = asyncio.get_running_loop()
        sent = rtu_bytes(request)
        self._receiver.begin(request, sent)
        self._request, self._foreign, self._pending = request, None, loop.create_future()
        self._sink.count("requests")
        transport.write(sent)
        patience += self._transfer(len(sent) + reply_bytes(request))
        answered = False
        try:
            async with asyncio.timeout(patience):
                reply = await self._pending
            answered = True
        except TimeoutError as fault:
            self._sink.count("timeouts")
            raise self._nothing(request, patience) from fault
        finally:
            self._request = self._pending = None
            self._active = loop.time()
            if not answered:  # Also when whoever asked does not wait any more: the answer comes all the same.
                debt.grow(loop.time() + patience)
        debt.answered_at_last(loop.time() + _DOUBT * patience)
        return reply

    def _nothing(self, request: Request, patience: float) -> NoAnswerError:
        if self._foreign is not None and self._foreign != request.unit:
            return GarbledError(f"unit {self._foreign} answered instead of {request.unit}")
        if self._receiver.is_torn:
            self._sink.count("garbage")
            return GarbledError("what came is no whole Modbus RTU frame")
        return NoAnswerError(f"no answer within {patience:g} s")

    async def _settle(self, debt: _Debt, pause: float) -> None:
        """Waits until no late answer can be taken for the next one, and until the frames are apart."""
        self._receiver.begin(None, b"")
        await debt.settle()
        quiet = self._endpoint.silence if isinstance(self._endpoint, SerialEndpoint) else 0.0
        await self._silence(max(quiet, pause))

    def _transfer(self, characters: int) -> float:
        """Seconds that so many bytes take on the line, which are not the device's to answer for."""
        return characters * self._endpoint.character if isinstance(self._endpoint, SerialEndpoint) else 0.0


def _is_of_another(frame: RtuFrame, request: Request) -> bool:
    """Whether it must be the answer to an earlier request, by its function and length."""
    if frame.pdu[0] & 0x80:
        return frame.pdu[0] & 0x7F != request.function
    return frame.pdu[0] != request.function or len(frame.pdu) + 3 != reply_bytes(request)
