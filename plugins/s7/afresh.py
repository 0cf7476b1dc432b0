"""Reads points straight from a controller, once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import Clock, Point, Sample
from hmi.drivers.supervisor import LinkLostError

from .blocks import Block, address_of, largest, plan, requests
from .kinds import decoded
from .session import STATUS, RefusedError, Session


def without(points: Sequence[Point], status: int, clock: Clock) -> list[Sample]:
    """A sample a point that has no value."""
    now = clock.now().utc
    return [Sample("" if p.type is TagType.STRING else float("nan"), int(status), now) for p in points]


async def read_afresh(
    session: Session, turn: asyncio.Lock, points: Sequence[Point], max_gap: int, clock: Clock
) -> list[Sample]:
    """One sample a point; Bad_NoCommunication from where the controller stopped answering."""
    samples = without(points, Status.BAD_NO_COMMUNICATION, clock)
    # Under its place in the caller's list: a tag may be asked for twice.
    waiting = plan([Point(n, p.path, p.address, p.type, 1.0) for n, p in enumerate(points)], session.pdu, max_gap)
    try:
        while waiting:
            halves: list[Block] = []
            for group in requests(waiting, session.pdu):
                async with turn:
                    answers = await _answers(session, group)
                now = clock.now().utc
                for block, answer in zip(group, answers, strict=True):
                    if isinstance(answer, bytes):
                        for point in block.points:
                            a = address_of(point)
                            samples[point.tag] = Sample(*decoded(a.kind, block.raw(point, answer), a.bit), now)
                    elif len(block.points) > 1:
                        halves += block.halves()
                    else:
                        samples[block.points[0].tag] = without(block.points, answer, clock)[0]
            waiting = halves
    except LinkLostError:
        return samples
    return samples


async def _answers(session: Session, group: list[Block]) -> list[bytes | Status]:
    """The bytes of each block, or what their lack makes of its points."""
    if any(block.size > largest(session.pdu) for block in group):
        return [Status.BAD_CONFIGURATION_ERROR for _ in group]
    try:
        found = await session.read(group)
    except RefusedError as fault:
        if len(group) > 1:
            return [answer for block in group for answer in await _answers(session, [block])]
        found = [fault.code]
    return [one if isinstance(one, bytes) else STATUS.get(one, Status.BAD_DEVICE_FAILURE) for one in found]
