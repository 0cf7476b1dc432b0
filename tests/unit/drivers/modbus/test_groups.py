"""What is read together: every tag once, in the fewest requests, and what is learned from a refusal."""

from hypothesis import given
from hypothesis import strategies as st

from hmi.core.tag import TagType
from hmi.drivers.api import Point
from hmi.drivers.modbus.address import parse_address
from hmi.drivers.modbus.endpoint import TcpEndpoint
from hmi.drivers.modbus.groups import NEVER, make_groups
from hmi.drivers.modbus.jobs import FASTEST
from hmi.drivers.modbus.options import DeviceOptions, ModbusOptions

OPTIONS = ModbusOptions(TcpEndpoint("plc", 502))


def point(tag, text, scan=1.0):
    return Point(tag, text, parse_address(text, TagType.FLOAT), TagType.FLOAT, scan)


def group_of(*texts, **device):
    options = ModbusOptions(TcpEndpoint("plc", 502), device=DeviceOptions(**device))
    (group,) = make_groups([point(tag, text) for tag, text in enumerate(texts)], options)
    return group


def shapes(group):
    return [(job.block.address, job.block.count) for job in group.jobs]


def test_scan_unit_and_table_are_read_apart():
    points = [point(0, "holding:1"), point(1, "holding:2", scan=5), point(2, "input:1"), point(3, "holding:3@7")]
    plan = make_groups(points, OPTIONS)
    assert [(g.scan, g.unit.number, g.table.value, shapes(g)) for g in plan] == [
        (1.0, 1, "holding", [(1, 1)]),
        (1.0, 1, "input", [(1, 1)]),
        (1.0, 7, "holding", [(3, 1)]),
        (5.0, 1, "holding", [(2, 1)]),
    ]


def test_blocks_of_one_unit_share_its_state():
    one, same, other = make_groups([point(0, "holding:1"), point(1, "holding:1@2"), point(2, "input:1")], OPTIONS)
    assert one.unit is same.unit
    assert other.unit is not one.unit


def test_groups_that_stay_equal_and_their_units_are_the_same_ones():
    points = [point(0, "holding:1"), point(1, "holding:2", scan=5), point(2, "input:1"), point(3, "coil:1:bool@2")]
    before = {group.key: group for group in make_groups(points, OPTIONS)}
    jobs = {key: list(group.jobs) for key, group in before.items()}
    after = make_groups(
        [*points[:2], point(2, "input:9"), points[3], point(4, "coil:2:bool@2", scan=5)], OPTIONS, before
    )
    same = [group for group in after if before.get(group.key) is group]
    assert [group.key for group in same] == [(1, "holding", 1.0), (1, "holding", 5.0)]
    assert all(group.jobs == jobs[group.key] for group in same)
    assert {id(group.unit) for group in after} == {id(group.unit) for group in before.values()}


def test_no_scan_is_faster_than_the_fastest():
    (group,) = make_groups([point(0, "holding:1", scan=0.0)], OPTIONS)
    assert group.scan == FASTEST


def test_the_limit_of_the_device_bounds_a_block():
    assert shapes(group_of(*[f"holding:{n}" for n in range(6)], max_registers=4)) == [(0, 4), (4, 2)]
    assert shapes(group_of("coil:0:bool", "coil:1:bool", "coil:2:bool", max_bits=2)) == [(0, 2), (2, 1)]


def test_slow_tags_between_fast_ones_are_read_along_rather_than_costing_requests():
    points = [point(n, f"holding:{n}", scan=1 + n % 2) for n in range(10)]
    fast, slow = make_groups(points, OPTIONS)
    assert shapes(fast) == [(0, 9)]
    assert shapes(slow) == [(1, 9)]


def isolate(group, gives):
    """Asks for all blocks until none is on trial; `gives(address, count)` is the device. The number of questions."""
    waiting, asked = list(group.jobs), 0
    while waiting:
        job = waiting.pop(0)
        asked += 1
        if gives(job.block.address, job.block.count):
            group.given(job, 300)
        elif len(job.points) > 1:
            group.split(job)
            waiting += group.jobs[-2:]
        else:
            group.refused(job)
    return asked


def without(*bad):
    return lambda address, count: not any(address <= b < address + count for b in bad)


def test_one_illegal_register_costs_one_request_more():
    group = group_of(*[f"holding:{n}" for n in range(64)])
    assert isolate(group, without(20)) == 1 + 2 * 6
    assert sorted(shapes(group)) == [(0, 20), (20, 1), (21, 43)]


def test_a_repaired_register_is_joined_with_its_neighbours_again():
    group = group_of(*[f"holding:{n}" for n in range(8)])
    isolate(group, without(3))
    (alone,) = [job for job in group.jobs if job.block.address == 3]
    kept = [job for job in group.jobs if job is not alone]
    group.given(alone, 300)
    assert shapes(group) == [(0, 8)]
    assert all(job.replaced for job in [alone, *kept])


def test_a_gap_that_cannot_be_read_is_not_passed_over_again_until_it_is_tried_anew():
    group = group_of("holding:0", "holding:1", "holding:4", "holding:5", max_gap=4)
    assert shapes(group) == [(0, 6)]
    isolate(group, without(3))
    assert shapes(group) == [(0, 2), (4, 2)]
    assert group.relearn == 300
    group.forget_cuts()
    assert (shapes(group), group.relearn) == ([(0, 6)], NEVER)


def test_a_device_that_gives_less_than_it_says_is_read_in_shorter_blocks():
    group = group_of(*[f"holding:{n}" for n in range(16)])
    isolate(group, lambda _, count: count <= 5)
    isolate(group, lambda _, count: count <= 5)
    assert shapes(group) == [(0, 4), (4, 4), (8, 4), (12, 4)]


def test_a_trial_without_a_clear_result_teaches_nothing():
    group = group_of("holding:0", "holding:1")
    group.split(group.jobs[0])
    one, two = group.jobs
    group.given(one, 300)
    group.unclear(two)
    assert (shapes(group), group.relearn) == ([(0, 2)], NEVER)


@given(
    st.lists(st.tuples(st.sampled_from(["int16", "float32", "float64"]), st.integers(0, 200)), min_size=1, max_size=40),
    st.frozensets(st.integers(0, 203), max_size=6),
    st.integers(4, 125),
    st.integers(0, 8),
)
def test_whatever_is_illegal_every_other_tag_is_read_whole_and_once(tags, bad, limit, gap):
    group = group_of(*[f"holding:{at}:{kind}" for kind, at in tags], max_registers=limit, max_gap=gap)
    gives = without(*bad)
    while any(not gives(*shape) and len(job.points) > 1 for shape, job in zip(shapes(group), group.jobs, strict=True)):
        isolate(group, gives)
    assert sorted(p.tag for job in group.jobs for p in job.points) == list(range(len(tags)))
    for job in group.jobs:
        assert job.block.count <= limit
        if not gives(job.block.address, job.block.count):
            assert len(job.points) == 1
