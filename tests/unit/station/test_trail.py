"""What people ask for: once, on record before and after, and told as it is."""

from dataclasses import dataclass

import pytest

from hmi.core.errors import LinesideError
from hmi.core.rights import Role
from hmi.station.trail import Act, NotConfirmedError, Orders
from hmi.station.who import Who

from .fakes import FakeClock, FakeTrail

EVA = Who("eva", Role.ENGINEER, "panel")
ACT = Act("try", "line/x", "")


@dataclass(frozen=True)
class Asked:
    request: int = 7
    command: str = "c1"


class Bench:
    def __init__(self, fault: LinesideError | None = None) -> None:
        self.trail, self.alarms, self.done = FakeTrail(), list[str](), 0
        self.orders = Orders(self.trail, FakeClock(), self.alarms.append)
        self._fault = fault

    async def ask(self, why: str = "") -> tuple[str, str]:
        result = await self.orders.carry_out(EVA, Asked(), ACT, why, self._work)
        assert (result.request, result.command) == (7, "c1")
        return result.state, result.text

    @property
    def notes(self) -> list[str]:
        return [note for _, _, note in self.trail.lines]

    async def _work(self) -> str:
        assert self.notes[-1:] == ["requested"], "it was done before it was on record"
        self.done += 1
        if self._fault is not None:
            raise self._fault
        return "It is done."


@pytest.mark.parametrize(
    ("fault", "state", "text"),
    [
        (None, "done", "It is done."),
        (LinesideError("The tag holds a number."), "refused", "The tag holds a number."),
        (NotConfirmedError("It holds but is not stored."), "not confirmed", "It holds but is not stored."),
    ],
)
async def test_how_it_ended_is_told_and_noted(fault: LinesideError | None, state: str, text: str) -> None:
    bench = Bench(fault)
    assert await bench.ask() == (state, text)
    assert bench.notes == ["requested", "done" if fault is None else f"{state}: {text}"]
    assert (await bench.ask())[1] == "This command was already carried out."
    assert bench.done == 1


async def test_what_is_refused_is_noted_and_not_done() -> None:
    bench = Bench()
    assert await bench.ask("You may not.") == ("refused", "You may not.")
    assert (bench.notes, bench.done) == (["refused: You may not."], 0)
    assert (await bench.ask())[0] == "done", "a refused command may be asked again"


async def test_nothing_is_done_that_cannot_be_put_on_record() -> None:
    bench = Bench()
    bench.trail.full = True
    assert await bench.ask() == ("refused", "The disk is full.")
    assert bench.done == 0
    assert "line/x" in bench.alarms[0]
