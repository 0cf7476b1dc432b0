import json
import math

import msgspec
import pytest

from hmi.core.expression import Program, Result, StateError, compile_, parse
from hmi.core.quality import Status
from hmi.core.tag import TagType

TYPES = {"x": TagType.FLOAT, "y": TagType.FLOAT, "p": TagType.BOOL, "q": TagType.BOOL, "s": TagType.STRING}
SECOND = 1_000_000_000
UTC = 1_700_000_000 * SECOND
BAD = int(Status.BAD_NO_COMMUNICATION)
DOUBT = int(Status.UNCERTAIN_SUB_NORMAL)
GAPS = int(Status.UNCERTAIN_DATA_SUB_NORMAL)
LAST_USABLE = int(Status.UNCERTAIN_LAST_USABLE_VALUE)


class Bench:
    """One expression on a clock of its own; `at` gives all inputs at a second."""

    def __init__(self, text: str) -> None:
        self.program: Program = compile_(parse(text), TYPES)
        self.state = self.program.new_state()
        self.offset = 0

    def at(self, second: float, *inputs: float | str | tuple[float | str, int]) -> Result:
        readings = [i if isinstance(i, tuple) else (i, 0) for i in inputs]
        mono = round(second * SECOND)
        return self.program.evaluate(
            [v for v, _ in readings], [s for _, s in readings], UTC + self.offset + mono, mono, self.state
        )

    def restart(self, down: float = 0.0, mono_jump: float = 0.0) -> None:
        """Through JSON and back; `down` seconds pass on the UTC clock only."""
        exported = json.loads(json.dumps(self.state.export()))
        self.state = self.program.load_state(exported, restarted=True)
        self.offset += round((down - mono_jump) * SECOND)


def test_timer_is_true_after_the_flag_was_true_that_long():
    bench = Bench("timer({p}, 5)")
    assert bench.at(0, 0.0) == (0.0, 0, None)
    assert bench.at(10, 1.0) == (0.0, 0, 15 * SECOND)
    assert bench.at(14.999999999, 1.0) == (0.0, 0, 15 * SECOND)
    assert bench.at(15, 1.0) == (1.0, 0, None)
    assert bench.at(100, 1.0) == (1.0, 0, None)
    assert bench.at(101, 0.0) == (0.0, 0, None)
    assert bench.at(102, 1.0) == (0.0, 0, 107 * SECOND)
    assert bench.at(103, 0.0) == (0.0, 0, None)
    assert bench.at(109, 1.0) == (0.0, 0, 114 * SECOND), "an interrupted run starts over"


def test_timer_time_may_come_from_a_tag():
    bench = Bench("timer({p}, {x})")
    assert bench.at(0, 1.0, 5.0).deadline_mono_ns == 5 * SECOND
    assert bench.at(2, 1.0, 3.0).deadline_mono_ns == 3 * SECOND
    assert bench.at(3, 1.0, 3.0) == (1.0, 0, None)
    for wrong in (-1.0, 1e12):
        assert bench.at(3, 1.0, wrong).status == Status.BAD
    assert Bench("timer({p}, 0)").at(0, 1.0) == (1.0, 0, None)


def test_timer_holds_while_the_flag_is_unknown():
    bench = Bench("timer({p}, 5)")
    bench.at(0, 1.0)
    assert bench.at(3, (1.0, BAD)).status == BAD
    assert bench.at(60, 1.0) == (0.0, 0, 62 * SECOND), "3 s were seen"
    bench.at(61, (1.0, BAD))
    assert bench.at(62, 0.0) == (0.0, 0, None)
    assert bench.at(63, 1.0).deadline_mono_ns == 68 * SECOND


def test_timer_counts_an_uncertain_flag_and_says_so():
    bench = Bench("timer({p}, 5)")
    assert bench.at(0, (1.0, LAST_USABLE)) == (0.0, DOUBT, 5 * SECOND)
    assert bench.at(5, (1.0, LAST_USABLE)) == (1.0, DOUBT, None)


def test_timer_goes_on_after_a_restart_with_the_time_it_saw():
    bench = Bench("timer({p}, 60)")
    bench.at(0, 1.0)
    bench.at(50, 1.0)
    bench.restart(down=600)
    assert bench.at(650, 1.0) == (0.0, 0, 660 * SECOND)
    assert bench.at(660, 1.0) == (1.0, 0, None)
    bench.restart()
    assert bench.at(3, 1.0) == (1.0, 0, None), "a clock that starts over after a reboot is no matter"
    bench.restart()
    assert bench.at(4, 0.0) == (0.0, 0, None)


@pytest.mark.parametrize(("name", "upwards"), [("edge", True), ("rising", True), ("falling", False)])
def test_edges_last_one_evaluation(name: str, upwards: bool):
    bench = Bench(f"{name}({{p}})")
    rest, moved = (0.0, 1.0) if upwards else (1.0, 0.0)
    assert bench.at(0, moved) == (0.0, 0, None), "nothing was known before"
    assert bench.at(1, rest) == (0.0, 0, None)
    assert bench.at(2, moved) == (1.0, 0, 2 * SECOND + 1), "asks to be evaluated again, to end the pulse"
    assert bench.at(2, moved) == (0.0, 0, None)
    assert bench.at(3, rest).value == 0.0
    assert bench.at(4, (moved, BAD)).status == BAD
    assert bench.at(5, moved).value == 1.0, "known before and after the gap"
    bench.at(6, rest)
    bench.restart(down=9)
    assert bench.at(7, moved).value == 1.0, "changed while the station was down"


def test_start_count():
    bench = Bench("start_count({p}, {q})")
    assert bench.at(0, 1.0, 0.0).value == 0.0, "the station's start is no start of the machine"
    for second, (flag, count) in enumerate([(0.0, 0), (1.0, 1), (1.0, 1), (0.0, 1), (1.0, 2)], 1):
        assert bench.at(second, flag, 0.0) == (float(count), 0, None)
    assert bench.at(7, (0.0, BAD), 0.0).status == BAD
    assert bench.at(8, 1.0, 0.0).value == 2.0
    bench.restart(down=60)
    assert bench.at(9, 0.0, 0.0).value == 2.0
    assert bench.at(10, 1.0, 0.0).value == 3.0
    assert bench.at(11, 1.0, 1.0).value == 0.0
    assert bench.at(12, 0.0, 1.0).value == 0.0
    assert bench.at(13, 1.0, 1.0).value == 1.0, "reset acts when it turns true, then counting goes on"


def test_totaliser_adds_the_rate_that_held():
    bench = Bench("totaliser({x}, 3600, {p})")  # m3/h
    assert bench.at(0, 36.0, 0.0) == (0.0, 0, SECOND)
    assert bench.at(100, 72.0, 0.0).value == pytest.approx(1.0)
    assert bench.at(200, 0.0, 0.0) == (pytest.approx(3.0), 0, None)
    assert bench.at(900, 36.0, 0.0).value == pytest.approx(3.0)
    assert bench.at(1000, -36.0, 1.0).value == 0.0, "reset"
    assert bench.at(1100, 0.0, 1.0).value == pytest.approx(-1.0)


def test_totaliser_loses_no_small_amounts_in_a_large_total():
    bench = Bench("totaliser({x}, 1)")
    bench.at(0, 1e9)
    bench.at(1000, 1e-7)  # 1e12 by now: 1e-7 alone is under half a digit of it
    for second in range(1001, 11_001):
        result = bench.at(second, 1e-7)
    assert result.value == 1e12 + 1e-3


def test_totaliser_does_not_invent_flow_while_the_rate_is_unknown():
    bench = Bench("totaliser({x}, 1)")
    bench.at(0, (5.0, BAD))
    assert bench.at(100, 1.0) == (0.0, 0, 101 * SECOND), "nothing is missed before the first usable rate"
    assert bench.at(200, (1.0, BAD)).status == BAD
    assert bench.at(210, 1.0) == (100.0, GAPS, 211 * SECOND), "10 of 110 s were not seen"
    assert bench.at(1099, 1.0).status == GAPS
    assert bench.at(1100, 1.0) == (990.0, 0, 1101 * SECOND), "1 % is tolerated"


def test_totaliser_says_when_much_of_it_was_uncertain():
    bench = Bench("totaliser({x}, 1, {p})")
    bench.at(0, (1.0, LAST_USABLE), 0.0)
    assert bench.at(10, 1.0, 0.0) == (10.0, GAPS, 11 * SECOND)
    assert bench.at(11, 1.0, 1.0) == (0.0, 0, 12 * SECOND), "a reset begins afresh"


def test_totaliser_after_a_restart_keeps_its_total_and_doubts_the_gap():
    bench = Bench("totaliser({x}, 1)")
    bench.at(0, 1.0)
    bench.at(100, 1.0)
    bench.restart(down=600)
    assert bench.at(100, 1.0) == (100.0, GAPS, 101 * SECOND)
    assert bench.at(110, 1.0).value == 110.0
    quick = Bench("totaliser({x}, 1)")
    quick.at(0, 1.0)
    quick.at(1000, 1.0)
    quick.restart(down=5, mono_jump=1000)
    assert quick.at(0, 1.0) == (1000.0, 0, SECOND), "5 s of 1005 are tolerated; the clock began anew"


def test_totaliser_overflow_is_bad_until_reset():
    bench = Bench("totaliser({x}, 1, {p})")
    bench.at(0, 1.7e308, 0.0)
    result = bench.at(100, 1.0, 0.0)
    assert result.status == Status.BAD
    assert math.isnan(result.value)
    assert bench.at(101, 1.0, 0.0).status == Status.BAD
    assert bench.at(102, 1.0, 1.0) == (0.0, 0, 103 * SECOND)


def test_an_unknown_reset_makes_the_total_bad_but_not_lost():
    bench = Bench("totaliser({x}, 1, {p})")
    bench.at(0, 1.0, 0.0)
    assert bench.at(10, 1.0, (0.0, BAD)).status == BAD
    assert bench.at(20, 1.0, 0.0) == (20.0, 0, 21 * SECOND)


def test_run_hours():
    bench = Bench("run_hours({p}, {q})")
    assert bench.at(0, 1.0, 0.0) == (0.0, 0, SECOND)
    assert bench.at(1800, 0.0, 0.0) == (0.5, 0, None)
    assert bench.at(3600, 1.0, 0.0).value == 0.5
    assert bench.at(7200, 1.0, 0.0).value == 1.5
    bench.restart(down=36)
    assert bench.at(7200, 1.0, 0.0) == (1.5, 0, 7201 * SECOND)
    assert bench.at(7300, 1.0, 1.0).value == 0.0


def test_previous_is_the_value_before_the_last_change():
    bench = Bench("{x} - previous({x}) + 0 * {y}")
    assert bench.at(0, 5.0, 0.0).status == Status.BAD_NO_DATA
    assert bench.at(1, 5.0, 1.0).status == Status.BAD_NO_DATA
    assert bench.at(2, 7.0, 1.0) == (2.0, 0, None)
    assert bench.at(3, 7.0, 2.0) == (2.0, 0, None), "another tag's change does not move it"
    assert bench.at(4, (9.0, BAD), 2.0).status == BAD
    assert bench.at(5, 10.0, 2.0) == (3.0, 0, None), "a bad value is not remembered"
    bench.restart(down=9)
    assert bench.at(6, 10.0, 2.0) == (3.0, 0, None)
    bench.at(7, (4.0, LAST_USABLE), 2.0)
    assert bench.at(8, 5.0, 2.0) == (1.0, DOUBT, None), "an uncertain one is, with its doubt"


def test_previous_of_text():
    bench = Bench("previous({s}) & '/' & {s}")
    assert bench.at(0, "A").status == Status.BAD_NO_DATA
    assert bench.at(1, "B") == ("A/B", 0, None)
    bench.restart()
    assert bench.at(2, "C") == ("B/C", 0, None)


def test_memory_goes_on_in_a_branch_that_is_not_chosen():
    bench = Bench("if({p}, 0, run_hours({q}) * 3600)")
    bench.at(0, 1.0, 1.0)
    assert bench.at(100, 0.0, 1.0).value == pytest.approx(100.0)
    either = Bench("{p} or timer({q}, 5)")
    either.at(0, 1.0, 1.0)
    assert either.at(5, 0.0, 1.0).value == 1.0


def test_the_earliest_deadline_is_asked_for():
    bench = Bench("timer({p}, 7) or timer({p}, 5) or timer({p}, 9)")
    assert bench.at(0, 1.0).deadline_mono_ns == 5 * SECOND


def test_state_is_keyed_by_position_and_name():
    program = compile_(parse("timer(rising({p}), 5) or {x} > previous({x}) or previous({s}) = 'a'"), TYPES)
    keys = ["0:timer", "1:rising", "2:previous", "3:previous:text"]
    assert list(program.new_state().export()) == keys
    assert program.is_stateful
    assert parse("1 + start_count({p})").is_stateful
    assert not parse("1 + {p}").is_stateful
    plain = compile_(parse("{x} + 1"), TYPES)
    assert not plain.is_stateful
    assert plain.new_state().export() == {}


def test_an_edited_expression_keeps_what_still_fits():
    bench = Bench("totaliser({x}, 1)")
    bench.at(0, 1.0)
    bench.at(10, 1.0)
    exported = bench.state.export()
    edited = compile_(parse("totaliser({x}, 1) * 2 + start_count({p})"), TYPES)
    state = edited.load_state(exported, restarted=False)
    assert edited.evaluate([1.0, 0.0], [0, 0], UTC + 10 * SECOND, 10 * SECOND, state).value == 20.0
    other = compile_(parse("run_hours({p})"), TYPES)
    assert other.load_state(exported, restarted=False).export() == other.new_state().export()


def test_an_export_is_a_copy():
    bench = Bench("start_count({p})")
    bench.at(0, 0.0)
    before = bench.state.export()
    bench.at(1, 1.0)
    assert before != bench.state.export()
    assert msgspec.json.decode(msgspec.json.encode(before)) == before


@pytest.mark.parametrize("damage", [{"0:start_count": 5}, {"0:start_count": {"count": "many"}}, {"0:start_count": {}}])
def test_damaged_state_is_refused_in_a_sentence(damage: dict[str, object]):
    program = compile_(parse("start_count({p})"), TYPES)
    with pytest.raises(StateError, match="0:start_count cannot be read"):
        program.load_state(damage, restarted=True)
