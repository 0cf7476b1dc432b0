import json
import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hmi.core.expression import ExpressionError, Program, Result, ResultType, compile_, parse, print_tree, rename
from hmi.core.expression.tree import Node, TagRef, walk
from hmi.core.quality import is_bad, is_good, severity
from tests.unit.core.expression.trees import TYPES, any_tree, readings, typed

Readings = dict[str, tuple[float | str, int]]
SECOND = 1_000_000_000
QUICK = settings(max_examples=30, deadline=None)


def compiled(tree: Node) -> Program:
    text = print_tree(tree)
    assume(len(text) <= 4_000)
    try:
        return compile_(parse(text), TYPES)
    except ExpressionError as error:
        assume("cannot be computed" not in str(error))  # a constant such as 1 / 0
        raise


def evaluate(program: Program, given: Readings, evaluation=None, mono: int = 0, state=None) -> Result:
    run = evaluation or program.evaluate
    inputs = [given[path] for path in program.inputs]
    return run([v for v, _ in inputs], [s for _, s in inputs], mono, mono, state or program.new_state())


def same(one: Result, other: Result) -> bool:
    """Equal, NaN being equal to itself."""
    return repr(one) == repr(other)


@given(any_tree)
@QUICK
def test_printed_trees_read_back(tree: Node):
    text = print_tree(tree)
    assume(len(text) <= 4_000)
    assert parse(text).root == tree


@given(any_tree)
@QUICK
def test_renaming_changes_the_tree_in_one_way_only(tree: Node):
    text = print_tree(tree)
    path = next((node.path for node, _ in walk(tree) if isinstance(node, TagRef)), "none")
    renamed = rename(text, path, "new/path")
    assume(len(renamed) <= 4_000)
    old = [("new/path" if n == TagRef(path) else getattr(n, "path", type(n))) for n, _ in walk(tree)]
    assert [getattr(n, "path", type(n)) for n, _ in walk(parse(renamed).root)] == old


@given(st.text(st.sampled_from("{}()\"'abs min,1.e+-*/^&=<>!not or andtrue \n\u200bµ"), max_size=60) | st.text())
@QUICK
def test_any_text_is_an_expression_or_refused_in_a_sentence(text: str):
    try:
        compile_(parse(text), TYPES)
    except ExpressionError as error:
        refused = error
    else:
        return
    assert str(refused).startswith("Column ")
    assert 1 <= refused.column <= len(text) + 1


@given(typed(memory=True, forgiving=True), st.lists(readings(), min_size=1, max_size=4))
@QUICK
def test_evaluation_never_raises_and_its_result_is_whole(tree: Node, rounds: list[Readings]):
    program = compiled(tree)
    state = program.new_state()
    for count, round_ in enumerate(rounds):
        value, status, deadline = evaluate(program, round_, mono=count * SECOND, state=state)
        assert 0 <= status <= 0xFFFFFFFF
        assert isinstance(value, str) if program.result_type is ResultType.STRING else isinstance(value, float)
        if isinstance(value, float):
            assert math.isnan(value) if is_bad(status) else math.isfinite(value)
        assert deadline is None or deadline > count * SECOND
    json.dumps(state.export(), allow_nan=False)


@given(typed(memory=False, forgiving=True), readings(st.just(0)))
@QUICK
def test_the_quick_way_is_the_careful_way(tree: Node, given: Readings):
    program = compiled(tree)
    careful = program.evaluate.__globals__.get("careful", program.evaluate)
    assert same(evaluate(program, given), evaluate(program, given, careful))


@given(typed(memory=True, forgiving=False), readings(), st.data())
@QUICK
def test_a_worse_input_never_makes_a_better_result(tree: Node, given: Readings, data: st.DataObject):
    program = compiled(tree)
    assume(program.inputs)
    path = data.draw(st.sampled_from(program.inputs))
    value, status = given[path]
    worse = given | {path: (value, data.draw(st.sampled_from([0x40900000, 0x80310000])))}
    assume(severity(worse[path][1]) >= severity(status))
    before, after = evaluate(program, given), evaluate(program, worse)
    assert severity(after.status) >= severity(before.status)
    if is_good(after.status) and is_good(before.status):
        assert same(before, after)


STRICT = "{a} + {b} * abs({c/d}) - clamp({a}, {b}, 9) + bit({a}, 1) + ({s} = 'x') + (not {p})"


@given(readings())
@QUICK
def test_a_computation_is_as_doubtful_as_its_worst_input(given: Readings):
    program = compile_(parse(STRICT), TYPES)
    worst = max(severity(given[path][1]) for path in program.inputs)
    assert severity(evaluate(program, given).status) >= worst


@given(typed(memory=True, forgiving=False), readings(st.just(0x80310000)))
@QUICK
def test_bad_inputs_alone_never_give_a_good_value_of_their_own(tree: Node, given: Readings):
    program = compiled(tree)
    result = evaluate(program, given)
    if is_good(result.status):  # then the constants alone decided, and no other input value changes anything
        other = {path: ("z" if isinstance(v, str) else 3.25, s) for path, (v, s) in given.items()}
        assert same(result, evaluate(program, other))


events = st.lists(st.tuples(st.integers(0, 3 * SECOND), readings()), min_size=2, max_size=8)


@given(typed(memory=True, forgiving=True), events, st.data())
@QUICK
def test_state_may_be_exported_and_imported_at_any_point(tree: Node, events, data: st.DataObject):
    program = compiled(tree)
    cut = data.draw(st.integers(0, len(events)))
    through, moved = program.new_state(), program.new_state()
    now = 0
    for index, (wait, inputs) in enumerate(events):
        now += wait
        if index == cut:
            moved = program.load_state(json.loads(json.dumps(moved.export())), restarted=False)
        expected = evaluate(program, inputs, mono=now, state=through)
        assert same(evaluate(program, inputs, mono=now, state=moved), expected)


@given(st.lists(st.tuples(st.integers(0, 5 * SECOND), st.booleans(), st.sampled_from([0, 0x80310000]))), st.data())
@QUICK
def test_an_extra_evaluation_changes_no_timer_and_no_total(events, data: st.DataObject):
    program = compile_(parse("timer({p}, 4) + 2 * start_count({p}) + 1000 * run_hours({p})"), TYPES)
    often, seldom = program.new_state(), program.new_state()
    now, inputs = 0, ([0.0], [0])
    for state in (often, seldom):
        program.evaluate(*inputs, now, now, state)
    for wait, flag, status in events:
        extra = now + data.draw(st.integers(0, wait))
        program.evaluate(*inputs, extra, extra, often)
        now, inputs = now + wait, ([float(flag)], [status])
        one = program.evaluate(*inputs, now, now, often)
        other = program.evaluate(*inputs, now, now, seldom)
        assert one.status == other.status
        assert one.deadline_mono_ns == other.deadline_mono_ns
        assert one.value == pytest.approx(other.value, rel=1e-12, nan_ok=True)


@given(st.lists(st.tuples(st.integers(0, 5 * SECOND), st.booleans()), min_size=1))
@QUICK
def test_waiting_for_the_deadline_misses_nothing(events: list[tuple[int, bool]]):
    """Evaluating on changes and at deadlines gives a timer's output at every instant."""
    program = compile_(parse("timer({p}, 2)"), TYPES)
    state = program.new_state()
    now, since, result = 0, None, program.evaluate([0.0], [0], 0, 0, state)
    flag = False
    for wait, following in events:
        end = now + wait
        while result.deadline_mono_ns is not None and result.deadline_mono_ns <= end:
            at = result.deadline_mono_ns
            result = program.evaluate([float(flag)], [0], at, at, state)
        expected = since is not None and end - since >= 2 * SECOND
        assert result.value == float(expected)
        since = None if not following else since if flag else end
        now, flag = end, following
        result = program.evaluate([float(flag)], [0], now, now, state)
