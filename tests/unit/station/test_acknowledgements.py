import asyncio
from concurrent.futures import Future

import pytest

from hmi.core.actions import Acknowledge, Action
from hmi.core.alarm import Priority
from hmi.core.alarm_state import AlarmEvent, AlarmState
from hmi.core.effects import Effects, Refusal, Transition
from hmi.core.rights import Role
from hmi.historian.api import StoreError
from hmi.link.messages import AcknowledgeAlarms, CommandResult
from hmi.station.acknowledgements import Acknowledgements
from hmi.station.who import Who

from .fakes import FakeClock, FakeTrail

ANN = Who("ann", Role.OPERATOR, "panel at pc")


class Bench:
    """Acknowledgements with an engine that the test plays."""

    def __init__(self) -> None:
        self.trail = FakeTrail()
        self.posted: list[Action] = []
        self.arrived = asyncio.Event()
        self.alarms: list[str] = []
        self.service = Acknowledgements(
            self.trail, FakeClock(), self.post, lambda alarm: f"path of {alarm}", self.alarms.append
        )

    def post(self, action: Action) -> None:
        self.posted.append(action)
        self.arrived.set()

    def ask(self, *alarms: tuple[str, int], id_: str = "command-1") -> asyncio.Task[CommandResult]:
        request = AcknowledgeAlarms(1, id_, list(alarms), "seen")
        return asyncio.create_task(self.service.acknowledge(ANN, request))

    async def decide(self, *refused: str) -> Future[None]:
        """One scan: refuses the named alarms, takes the others; the commit is the caller's."""
        await self.arrived.wait()
        self.arrived.clear()
        actions = [a for a in self.posted if isinstance(a, Acknowledge)]
        self.posted.clear()
        committed: Future[None] = Future()
        taken = tuple(transition(a) for a in actions if a.alarm not in refused)
        refusals = tuple(Refusal(a, f"{a.alarm} is newer.") for a in actions if a.alarm in refused)
        self.service.decided(Effects(transitions=taken, refusals=refusals), committed)
        return committed


def transition(action: Acknowledge) -> Transition:
    return Transition(
        7,
        action.alarm,
        1,
        AlarmEvent.ACKNOWLEDGE,
        AlarmState.UNACKNOWLEDGED,
        AlarmState.ACKNOWLEDGED,
        0,
        0,
        0.0,
        0,
        0.0,
        Priority.HIGH,
        action.user,
    )


async def test_an_acknowledgement_is_confirmed_only_after_its_commit() -> None:
    bench = Bench()
    asked = bench.ask(("a", 3))
    committed = await bench.decide()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not asked.done()
    committed.set_result(None)
    result = await asked
    assert (result.state, result.text) == ("done", "1 alarm acknowledged.")
    assert bench.trail.lines == [("ann", "path of a (event 3)", "done")]


async def test_a_failed_commit_is_not_confirmed() -> None:
    bench = Bench()
    asked = bench.ask(("a", 3))
    (await bench.decide()).set_exception(StoreError("The disk is full."))
    result = await asked
    assert result.state == "unknown"
    assert "disk is full" in result.text


async def test_what_the_engine_refuses_is_told_and_noted() -> None:
    bench = Bench()
    asked = bench.ask(("a", 3), ("b", 4))
    (await bench.decide("b")).set_result(None)
    result = await asked
    assert (result.state, result.text) == ("done", "b is newer.")
    asked = bench.ask(("b", 4), id_="command-2")
    (await bench.decide("b")).set_result(None)
    assert (await asked).state == "refused"
    assert bench.trail.lines[-1][2] == "refused: b is newer."


async def test_the_same_command_acknowledges_once() -> None:
    bench = Bench()
    asked = bench.ask(("a", 3))
    (await bench.decide()).set_result(None)
    await asked
    again = await bench.ask(("a", 5))
    assert again.state == "refused"
    assert bench.posted == []


@pytest.mark.parametrize("count", [0, 1001])
async def test_none_or_too_many_are_refused(count: int) -> None:
    bench = Bench()
    assert (await bench.ask(*[("a", i) for i in range(count)])).state == "refused"
    assert bench.posted == []


async def test_of_two_equal_acknowledgements_in_one_scan_the_first_is_carried_out() -> None:
    bench = Bench()
    asked = [bench.ask(("a", 3), id_="command-1"), bench.ask(("a", 3), id_="command-2")]
    while len(bench.posted) < 2:
        bench.arrived.clear()
        await bench.arrived.wait()
    first, second = (a for a in bench.posted if isinstance(a, Acknowledge))
    committed: Future[None] = Future()
    refusals = (Refusal(second, "a has nothing to acknowledge."),)
    bench.service.decided(Effects(transitions=(transition(first),), refusals=refusals), committed)
    committed.set_result(None)
    assert [(await one).state for one in asked] == ["done", "refused"]


async def test_an_audit_record_tells_how_many_alarms_it_does_not_name() -> None:
    bench = Bench()
    asked = bench.ask(*[(f"a{n}", 3) for n in range(25)])
    (await bench.decide()).set_result(None)
    await asked
    assert bench.trail.lines[-1][1].endswith("and 5 more (each is in the alarm journal)")


async def test_who_may_not_is_refused_and_noted() -> None:
    bench = Bench()
    request = AcknowledgeAlarms(1, "command-1", [("a", 3)], "")
    result = await bench.service.acknowledge(Who("bob", Role.VIEWER, "panel at pc"), request)
    assert result.state == "refused"
    assert bench.posted == []
    assert bench.trail.lines == [("bob", "path of a (event 3)", f"refused: {result.text}")]


async def test_an_acknowledgement_that_the_audit_trail_cannot_take_stands_and_raises_an_alarm() -> None:
    bench = Bench()
    asked = bench.ask(("a", 3))
    committed = await bench.decide()
    bench.trail.full = True
    committed.set_result(None)
    assert (await asked).state == "done"
    [alarm] = bench.alarms
    assert "path of a (event 3) is missing from the audit trail" in alarm


async def test_a_refusal_that_the_audit_trail_cannot_take_raises_an_alarm() -> None:
    bench = Bench()
    bench.trail.full = True
    request = AcknowledgeAlarms(1, "command-1", [("a", 3)], "")
    assert (await bench.service.acknowledge(Who("bob", Role.VIEWER, "panel at pc"), request)).state == "refused"
    assert len(bench.alarms) == 1
