import asyncio
from typing import Any

import pytest

from hmi.core.rights import Role
from hmi.link.messages import GetNotes, NoteRow, Notes, SetNote
from hmi.station.notes import TagNotes
from hmi.station.who import Who

from .fakes import SETPOINT, STOP, FakeClock, FakeTrail, project, table

OTTO = Who("otto", Role.OPERATOR, "panel")


class Masks:
    def __init__(self) -> None:
        self.substituted: list[int] = []
        self.off_scan: list[int] = []


class Bench:
    def __init__(self, kept: bytes | None = None) -> None:
        self.trail, self.clock, self.told = FakeTrail(), FakeClock(), list[Notes]()
        self.kept, self.masks, self.alarms = kept, Masks(), list[str]()
        self.notes = TagNotes(
            table(project()), self.masks, kept, self.keep, self.trail, self.clock, self.told.append, self.alarms.append
        )

    async def keep(self, data: bytes) -> None:
        self.kept = data

    async def rows(self, *tags: int) -> list[NoteRow]:
        return [row for part in await self.notes.rows(GetNotes(1, list(tags))) for row in part.rows]


async def test_a_note_is_kept_told_and_audited() -> None:
    bench = Bench()
    result = await bench.notes.set_note(OTTO, SetNote(1, "command-1", SETPOINT, " being serviced "))
    assert (result.state, result.text) == ("done", "The note on line/sp was written.")
    row = NoteRow(SETPOINT, "being serviced", user="otto", time=bench.clock.utc)
    assert [told.rows for told in bench.told] == [[row]]
    assert await Bench(bench.kept).rows() == [row]
    assert [line[2] for line in bench.trail.lines] == ["requested", "done"]
    await bench.notes.set_note(OTTO, SetNote(2, "command-2", SETPOINT, ""))
    assert await bench.rows() == []
    assert await Bench(bench.kept).rows() == []


@pytest.mark.parametrize(
    ("who", "request_", "why"),
    [
        (Who("vera", Role.VIEWER, "panel"), SetNote(1, "c1234567", SETPOINT, "x"), "Sign in as an operator"),
        (OTTO, SetNote(1, "c1234567", 99, "x"), "The station does not know this tag"),
        (OTTO, SetNote(1, "c1234567", SETPOINT, "x" * 2001), "A note has 2,000 characters at most."),
    ],
)
async def test_refusals(who: Who, request_: Any, why: str) -> None:
    bench = Bench()
    result = await bench.notes.set_note(who, request_)
    assert result.state == "refused"
    assert result.text.startswith(why)
    assert bench.trail.lines[-1][2].startswith(f"refused: {why}")
    assert bench.kept is None


async def test_without_an_audit_trail_there_is_no_note() -> None:
    bench = Bench()
    bench.trail.full = True
    assert (await bench.notes.set_note(OTTO, SetNote(1, "c1234567", SETPOINT, "x"))).state == "refused"
    assert bench.kept is None
    assert bench.alarms


async def test_who_substituted_and_why_is_told_while_it_stands() -> None:
    bench = Bench()
    bench.masks.substituted, bench.masks.off_scan = [SETPOINT], [STOP]
    await bench.notes.overridden(OTTO, [SETPOINT, STOP, 99], "sensor away")
    rows = await bench.rows()
    assert [(row.tag, row.substituted, row.off_scan, row.reason, row.user) for row in rows] == [
        (SETPOINT, True, False, "sensor away", "otto"),
        (STOP, False, True, "sensor away", "otto"),
    ]
    bench.masks.substituted, bench.masks.off_scan = [], []
    assert await bench.rows() == []


async def test_many_rows_come_in_parts() -> None:
    bench = Bench()
    parts = await bench.notes.rows(GetNotes(7, [SETPOINT] * 120))
    assert [part.done for part in parts] == [True]
    bench.masks.off_scan = [SETPOINT]
    parts = await bench.notes.rows(GetNotes(7, [SETPOINT] * 120))
    assert [(len(part.rows), part.done) for part in parts] == [(50, False), (50, False), (20, True)]
    await asyncio.sleep(0)
