"""An interlock says what blocks it, in the words of the tags it reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.expression import ExpressionError, compile_, parse
from hmi.core.instants import Instants
from hmi.core.interlock import FREE, Interlock, Reading, Verdict
from hmi.core.quality import Status, is_good
from hmi.core.tag import TagType

NOW = Instants(0, 0)
STATES = {"2": "Stopped", "4": "Idle", "6": "Execute", "9": "Aborted", "17": "Complete"}
TYPES = {
    "u/state": TagType.ENUM,
    "u/door_open": TagType.BOOL,
    "u/ready": TagType.BOOL,
    "u/level": TagType.FLOAT,
    "u/limit": TagType.FLOAT,
}
START = "{u/state} = 4 and not {u/door_open}"


def judged(text: str, path: str = "u/cmd_start", **values: float | None) -> Verdict:
    bad = int(Status.BAD_NO_COMMUNICATION)
    known = {"state": 4.0, "door_open": 0.0, "ready": 1.0, "level": 50.0, "limit": 60.0, **values}
    names = {"state": "Capper: PackML state", "door_open": "Guard door", "ready": "u/ready", "level": "Level"}
    words = {"state": STATES, "door_open": {"0": "closed", "1": "open"}}
    readings = {
        f"u/{name}": Reading(value, bad if value is None else 0, names.get(name, name), "%", words.get(name))
        for name, value in known.items()
    }
    return Interlock(path, text, TYPES).judge(readings, NOW)


def test_a_free_one_says_nothing() -> None:
    assert judged(START) == FREE


@pytest.mark.parametrize(
    ("text", "values", "why"),
    [
        (START, {"state": 6.0}, "Capper: PackML state is Execute, must be Idle."),
        (START, {"state": 2.0}, "Capper: PackML state is Stopped, must be Idle. Reset first."),
        (START, {"state": 9.0}, "Capper: PackML state is Aborted, must be Idle. Clear, then Reset first."),
        (START, {"door_open": 1.0}, "Guard door is open, must be closed."),
        (
            START,
            {"state": 6.0, "door_open": 1.0},
            "Capper: PackML state is Execute, must be Idle. Guard door is open, must be closed.",
        ),
        (
            "{u/state} = 2 or {u/state} = 17",
            {"state": 6.0},
            "Capper: PackML state is Execute, must be Stopped or Complete.",
        ),
        ("{u/ready}", {"ready": 0.0}, "u/ready is 0 %, must be 1 %."),
        ("{u/level} < 20", {}, "Level is 50 %, must be below 20 %."),
        ("80 <= {u/level}", {}, "Level is 50 %, must be at least 80 %."),
        ("{u/level} != 50", {}, "Level is 50 %, must be not 50 %."),
        ("{u/level} > {u/limit}", {}, "{u/level} > {u/limit} does not hold."),
        ("{u/level} < 20 or {u/door_open}", {}, "{u/level} < 20 or {u/door_open} does not hold."),
    ],
)
def test_what_blocks_is_named(text: str, values: dict[str, float], why: str) -> None:
    assert judged(text, **values) == Verdict(False, why)


def test_what_is_not_known_blocks_by_its_name() -> None:
    assert judged(START, door_open=None) == Verdict(None, "Guard door is Bad_NoCommunication.")


def test_a_part_that_fails_is_named_beside_one_that_is_not_known() -> None:
    why = judged(START, state=2.0, door_open=None).why
    assert why == "Capper: PackML state is Stopped, must be Idle. Guard door is Bad_NoCommunication. Reset first."


def test_an_unknown_tag_is_refused() -> None:
    with pytest.raises(ExpressionError):
        Interlock("u/cmd_start", "{u/none} = 1", TYPES)


CONDITIONS = st.recursive(
    st.sampled_from(["{u/door_open}", "{u/ready}", "{u/state} = 4", "{u/level} > 20", "{u/level} <= {u/limit}"]),
    lambda inner: st.tuples(st.sampled_from(["({} and {})", "({} or {})", "(not {})"]), inner, inner).map(
        lambda drawn: drawn[0].format(*drawn[1:])
    ),
    max_leaves=8,
)
VALUES = st.fixed_dictionaries({path: st.sampled_from([0.0, 1.0, 4.0, 30.0, None]) for path in TYPES})


@given(CONDITIONS, VALUES)
def test_it_answers_as_the_expression_does_and_gives_a_reason_whenever_it_blocks(
    text: str, values: dict[str, float | None]
) -> None:
    readings = {p: Reading(v, int(Status.BAD) if v is None else 0, p) for p, v in values.items()}
    program = compile_(parse(text), TYPES)
    known = [readings[path] for path in program.inputs]
    result = program.evaluate(
        [float("nan") if r.value is None else r.value for r in known],
        [r.status for r in known],
        0,
        0,
        program.new_state(),
    )
    verdict = Interlock("u/cmd_start", text, TYPES).judge(readings, NOW)
    assert verdict.free == (bool(result.value) if is_good(result.status) else None)
    assert bool(verdict.why) == (verdict.free is not True)
