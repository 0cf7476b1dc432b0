"""Sends approved commands to devices and finds out whether they worked."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from hmi.core.quality import Status, is_good, status_name
from hmi.core.scaling import to_eu, to_raw
from hmi.core.tag import ConnectionSource, Feedback, Tag
from hmi.drivers.api import LinkState, WriteOutcome, WriteResult
from hmi.station.links import Link

LOOK_EVERY: Final = 0.1
"""Seconds between read-backs."""

Value = float | str
Present = Callable[[str], tuple[Value | None, int]]
"""Live value and status of a tag path."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a command ended."""

    state: str
    """`done`, `not confirmed`, `refused` or `unknown`."""
    text: str
    value: Value | None = None
    """What was read back, engineering units."""


class Deliveries:
    """The way from the station to the devices."""

    def __init__(
        self, links: Mapping[str, Link], present: Present, why_stopped: Callable[[str], str] = lambda _: ""
    ) -> None:
        """`present` gives the live value and status of a tag path, `why_stopped` judges a connection's device."""
        self._links = links
        self._present = present
        self._why_stopped = why_stopped

    def device_up(self, tag: Tag) -> bool:
        """Whether the tag's device can take a write now; memory and manual tags always can."""
        if not isinstance(tag.source, ConnectionSource):
            return True
        return self._links[tag.source.connection].intake.link is LinkState.UP

    def stopped(self, tag: Tag) -> str:
        """Why the program of the tag's device is known to be stopped, as a sentence; empty when it is not."""
        return self._why_stopped(tag.source.connection) if isinstance(tag.source, ConnectionSource) else ""

    async def deliver(self, id_: int, tag: Tag, value: Value) -> Delivery:
        """Sends once and waits for the feedback the engineer declared; never sends again.

        Raises:
            OutOfRangeError: the value does not fit the device; nothing was sent.
        """
        if not isinstance(tag.source, ConnectionSource) or tag.write is None:
            raise AssertionError("only connected, writable tags are delivered")
        link = self._links[tag.source.connection]
        if link.connection is None:
            return Delivery("refused", f"The connection {link.name} is switched off.")
        raw = value if isinstance(value, str) else to_raw(tag, value)
        try:
            async with asyncio.timeout(tag.write.timeout):
                result = await link.connection.write(link.points[id_], raw)
        except TimeoutError:
            result = WriteResult(WriteOutcome.UNKNOWN, Status.BAD_TIMEOUT, "the device did not answer")
        if result.outcome is WriteOutcome.REFUSED:
            return Delivery("refused", f"{tag.path}: {result.text or status_name(result.status)}")
        return await self._feedback(link, id_, tag, raw if result.sent is None else result.sent, result)

    async def _feedback(self, link: Link, id_: int, tag: Tag, raw: Value, result: WriteResult) -> Delivery:
        """What is known of a command that was sent, perhaps without an answer: only a read-back can tell then."""
        if tag.write is None or tag.write.feedback in (Feedback.METHOD, Feedback.NONE):
            if result.outcome is WriteOutcome.DONE:
                return Delivery("done", f"{tag.path}: the device took the command.")
            what = f"{tag.path}: {result.text or 'the device did not answer'}."
            return Delivery("unknown", f"{what} Look at the plant before trying again.")
        loop = asyncio.get_running_loop()
        end = loop.time() + tag.write.timeout
        look = _Look(link, id_, tag, raw, self._present)
        while loop.time() < end:
            if await look.confirms(end):
                return Delivery("done", look.sentence, look.seen)
            await asyncio.sleep(LOOK_EVERY)
        return Delivery("not confirmed", look.sentence, look.seen)


class _Look:
    """Looks whether one command has worked, again and again."""

    def __init__(self, link: Link, id_: int, tag: Tag, raw: Value, present: Present) -> None:
        self.seen: Value | None = None
        self._link = link
        self._id = id_
        self._tag = tag
        self._raw = raw
        self._present = present
        self._found = "it could not be read back"
        self._done = False

    @property
    def sentence(self) -> str:
        """What was found, for the person."""
        return f"{self._tag.path} {self._found}." if self._done else f"{self._tag.path}: NOT CONFIRMED, {self._found}."

    async def confirms(self, end: float) -> bool:
        """Whether the command is seen to have worked; waits for the device until `end` at most."""
        write = self._tag.write
        if write is not None and write.feedback is Feedback.STATUS:
            value, status = self._present(write.status_tag)
            self._done = value == write.status_value and is_good(status)
            self._found = (
                f"brought {write.status_tag} to its state" if self._done else f"{write.status_tag} did not follow"
            )
            return self._done
        return await self._echo(end)

    async def _echo(self, end: float) -> bool:
        """Reads the address back; compared as the device encodes it."""
        if self._link.connection is None:
            return False
        try:
            async with asyncio.timeout_at(end):
                [sample] = await self._link.connection.read([self._link.points[self._id]])
        except TimeoutError:
            return False
        if not is_good(sample.status):
            return False
        self.seen = sample.value if isinstance(sample.value, str) else to_eu(self._tag, sample.value, 0)[0]
        self._done = same_raw(sample.value, self._raw)
        shown = _shown(self.seen, self._tag)
        self._found = f"is now {shown}" if self._done else f"the device holds {shown}"
        return self._done


def same_raw(read: Value, sent: Value) -> bool:
    """Whether a read-back is what was sent; a fraction may come back with single precision, a whole number not."""
    if isinstance(read, str) or isinstance(sent, str):
        return read == sent
    if (read.is_integer() and sent.is_integer()) or not math.isfinite(read):
        return read == sent
    return abs(read - sent) <= 1e-6 * max(abs(read), abs(sent))


def _shown(value: Value, tag: Tag) -> str:
    # Formatted, not converted: a device may hold a NaN, which no `int` takes.
    text = value if isinstance(value, str) else tag.states.get(f"{value:.0f}", f"{value:g}")
    return f"{text} {tag.unit}".strip()
