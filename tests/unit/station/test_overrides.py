"""Substitutes and switched-off acquisition: by an engineer, with a reason, once, and audited whatever comes of it."""

from __future__ import annotations

import pytest

from hmi.core.actions import Action, ScanOff
from hmi.core.actions import Substitute as Substituted
from hmi.core.errors import RefusedError
from hmi.core.rights import Role
from hmi.historian.api import StoreError
from hmi.link.messages import SetScan, Substitute
from hmi.station.overrides import Overrides
from hmi.station.who import Who
from tests.unit.station.fakes import RECIPE, SETPOINT, FakeClock, FakeConnection, FakeTrail, link, project, table

EVA = Who("eva", Role.ENGINEER, "panel at desk")
ANNA = Who("anna", Role.OPERATOR, "panel at desk")


@pytest.fixture
def trail() -> FakeTrail:
    return FakeTrail()


@pytest.fixture
def entered() -> list[Action]:
    return []


@pytest.fixture
def overrides(trail: FakeTrail, entered: list[Action]) -> Overrides:
    async def enter(action: Action) -> None:
        if isinstance(action, Substituted) and action.value == "wrong":
            raise RefusedError("line/sp holds a number.")
        entered.append(action)

    async def told(*_: object) -> None:
        return None

    clock, alarms = FakeClock(), list[str]()
    links = {"plc": link(FakeConnection(), clock)}
    return Overrides(table(project()), links, trail, clock, enter, alarms.append, told)


async def test_a_value_stands_in_place_until_it_is_taken_away(overrides, trail, entered):
    put = await overrides.substitute(EVA, Substitute(1, "c1", SETPOINT, 4.5, "sensor away"))
    away = await overrides.substitute(EVA, Substitute(2, "c2", SETPOINT, None))
    assert (put.state, put.text) == ("done", "line/sp is substituted.")
    assert (away.state, away.text) == ("done", "line/sp shows its own value again.")
    assert entered == [Substituted(SETPOINT, 4.5, "eva"), Substituted(SETPOINT, None, "eva")]
    assert [line[1:] for line in trail.lines] == [("line/sp", "requested"), ("line/sp", "done")] * 2


async def test_acquisition_is_switched_for_a_tag_and_for_a_connection(overrides, entered):
    off = await overrides.set_scan(EVA, SetScan(1, "c1", False, SETPOINT, reason="works on the pump"))
    on = await overrides.set_scan(EVA, SetScan(2, "c2", True, connection="plc"))
    assert (off.text, on.text) == ("line/sp is not acquired any more.", "plc is acquired again.")
    tags = [(action.tags.tolist(), action.off) for action in entered if isinstance(action, ScanOff)]
    assert tags == [([SETPOINT], True), ([1, 2, RECIPE], False)]


@pytest.mark.parametrize(
    ("who", "value", "reason", "why"),
    [
        (ANNA, 4.5, "sensor away", "Sign in as an engineer"),
        (EVA, 4.5, " ", "Give a reason"),
        (EVA, 4.5, "x" * 2001, "A reason has 2,000 characters at most."),
        (EVA, "wrong", "sensor away", "line/sp holds a number."),
    ],
)
async def test_refusals_are_audited(overrides, trail, entered, who, value, reason, why):
    result = await overrides.substitute(who, Substitute(1, "c1", SETPOINT, value, reason))
    assert result.state == "refused"
    assert result.text.startswith(why)
    assert trail.lines[-1][2].startswith(f"refused: {why}")
    assert entered == []


async def test_a_command_is_carried_out_once(overrides, entered):
    request = Substitute(1, "c1", SETPOINT, 4.5, "sensor away")
    await overrides.substitute(EVA, request)
    again = await overrides.substitute(EVA, request)
    assert (again.state, again.text) == ("refused", "This command was already carried out.")
    assert len(entered) == 1


async def test_without_an_audit_trail_nothing_is_done(overrides, trail, entered):
    trail.full = True
    result = await overrides.substitute(EVA, Substitute(1, "c1", SETPOINT, 4.5, "sensor away"))
    assert (result.state, result.text) == ("refused", "The disk is full.")
    assert entered == []


async def test_what_holds_but_cannot_be_kept_is_not_said_to_be_refused(trail):
    """The engine has taken the value before the disk fails: whoever reads `refused` would believe the device."""
    full: list[str] = []

    async def enter(_: Action) -> None:
        if full == ["entry"]:
            raise StoreError("The disk is full.")

    async def told(*_: object) -> None:
        if full == ["reason"]:
            raise StoreError("The disk is full.")

    clock, alarms = FakeClock(), list[str]()
    links = {"plc": link(FakeConnection(), clock)}
    overrides = Overrides(table(project()), links, trail, clock, enter, alarms.append, told)
    for at, full[:] in enumerate((["entry"], ["reason"])):
        result = await overrides.substitute(EVA, Substitute(at, f"c{at}", SETPOINT, 4.5, "sensor away"))
        assert result.state == "not confirmed"
        assert result.text.startswith("line/sp: NOT CONFIRMED, it holds but ")
        assert trail.lines[-1][2] == f"not confirmed: {result.text}"


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (SetScan(1, "c", True, 99), "tag 99 has no tags"),
        (SetScan(1, "c", True, connection="other"), "other has no tags"),
    ],
)
async def test_what_the_station_does_not_know(overrides, request_, why):
    result = await overrides.set_scan(EVA, request_)
    assert (result.state, result.text.startswith(why)) == ("refused", True)
