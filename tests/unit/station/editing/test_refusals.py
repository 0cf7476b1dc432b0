"""Who may not change the project is on record; when the record cannot be written, operators hear of it."""

import asyncio
from typing import Any

from hmi.core.rights import Role
from hmi.link.messages import ApplyPending, EditProject, RollBack
from hmi.station.editing.pending import PendingFiles
from hmi.station.editing.service import NOT_ALLOWED, Editing
from hmi.station.who import Who
from tests.unit.station.fakes import FakeClock, FakeTrail

OTTO = Who("otto", Role.OPERATOR, "panel")
NONE: Any = None


async def test_a_refusal_that_cannot_be_recorded_raises_an_alarm() -> None:
    trail, clock, alarms = FakeTrail(), FakeClock(), list[str]()
    editing = Editing(NONE, NONE, NONE, trail, clock, alarms.append)
    pending = PendingFiles(NONE, NONE, NONE, NONE, asyncio.Lock(), trail, clock, NONE, alarms.append)

    async def ask() -> set[str]:
        answers = [
            await editing.edit(OTTO, EditProject(1, "c1", []), []),
            await pending.apply(OTTO, ApplyPending(2, "c2", "")),
            await pending.roll_back(OTTO, RollBack(3, "c3")),
        ]
        return {answer.error for answer in answers}

    assert await ask() == {NOT_ALLOWED}
    assert [line[2] for line in trail.lines] == [f"refused: {NOT_ALLOWED}"] * 3
    assert alarms == []
    trail.full = True
    assert await ask() == {NOT_ALLOWED}
    assert len(alarms) == 3
    assert all("missing from the audit trail" in alarm for alarm in alarms)
