"""What the poller makes of each kind of failure, over hours of a clock that is set by hand."""

from dataclasses import replace
from itertools import pairwise

import pytest

from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.drivers.api import LinkState
from hmi.drivers.modbus.options import DeviceOptions
from hmi.drivers.modbus.poller import PROBE, REPROBE
from hmi.drivers.modbus.wire import GarbledError
from hmi.drivers.supervisor import LinkLostError


async def test_a_busy_block_that_the_regular_scan_splits_is_not_asked_for_whole_again(line):
    """The device is so slow that the regular scan comes before the appointment that its busy answer made."""
    line.point("holding:1", scan=0.6)
    line.point("holding:2", scan=0.6)
    line.takes = 0.5
    codes = iter([6, 2])
    line.answers = lambda _unit, address, count: next(codes, 2) if count == 2 else [address]
    await line.run(20)
    assert line.last("holding:1") == (1.0, 0)
    assert line.last("holding:2") == (2.0, 0)
    assert line.whole(1, 2) == [0.0, 0.6]


async def test_a_busy_device_of_a_slow_scan_is_asked_again_with_growing_waits(line):
    line.point("holding:1", scan=600)
    line.answers = lambda *_: 6
    await line.run(30)
    assert line.whole(1, 1) == [0.0, 0.25, 0.75, 1.75, 3.75, 7.75, 15.75, 25.75]
    assert line.sink.batches == []
    assert line.sink.alive_tags == []


async def test_a_device_that_is_busy_for_hours_collects_no_appointments(line):
    line.point("holding:1", scan=30)
    line.answers = lambda *_: 6
    await line.run(2 * 3600)
    assert {later - sooner for sooner, later in pairwise(line.whole(1, 1)[20:])} == {10.0}


async def test_a_busy_device_of_a_fast_scan_is_asked_at_the_next_one(line):
    line.point("holding:1", scan=0.4)
    codes = iter([6, 6])
    line.answers = lambda _unit, address, count: next(codes, [address] * count)
    await line.run(1)
    assert line.whole(1, 1) == pytest.approx([0.0, 0.4, 0.8])
    assert line.last("holding:1") == (1.0, 0)


async def test_a_unit_that_went_silent_is_not_asked_for_its_busy_block(line):
    line.point("holding:1@1", scan=1)
    line.point("holding:1@9", scan=60)
    line.point("coil:1@9", scan=60)

    def answers(unit, address, count):
        if unit == 1:
            return [address] * count
        return 6 if len([1 for _, u, _, _ in line.asked if u == 9]) == 1 else None

    line.answers = answers
    await line.run(9)
    assert len([1 for _, unit, _, _ in line.asked if unit == 9]) == 3, "busy, then one try and its retry"


async def test_a_refused_address_costs_only_its_tag_and_its_status_stands(line):
    for n in range(8):
        line.point(f"holding:{n}")
    line.answers = lambda _unit, address, count: 2 if address <= 5 < address + count else [address] * count
    await line.run(30)
    assert line.last("holding:5")[1] == Status.BAD_CONFIGURATION_ERROR
    assert all(line.last(f"holding:{n}")[1] == 0 for n in range(8) if n != 5)
    assert len(line.whole(5, 1)) == 1
    assert len(line.whole(0, 8)) == 1
    assert sum(5 in tags for tags in line.sink.alive_tags) >= 28, "the device talks, so the refusal stands"
    assert len(line.sink.rows(5)) == 1


async def test_a_refused_address_is_tried_again_after_a_while_and_becomes_good(line):
    line.point("holding:1")
    line.point("holding:9")
    line.answers = lambda _unit, address, count: 2 if address == 9 else [address] * count
    await line.run(2)
    line.answers = lambda _unit, address, count: [address] * count
    await line.run(2 * REPROBE / SECOND)
    assert [status for _, status, _ in line.sink.rows(1)] == [Status.BAD_CONFIGURATION_ERROR, 0]
    assert line.whole(9, 1)[:2] == [0.0, REPROBE / SECOND]


async def test_a_silent_unit_is_probed_now_and_then_and_does_not_starve_its_neighbour(line):
    line.point("holding:1@1")
    line.point("holding:1@9")
    line.answers = lambda unit, address, count: None if unit == 9 else [address] * count
    await line.run(60)
    probes = [at for at, unit, _, _ in line.asked if unit == 9]
    assert probes[:2] == [0.0, 0.5], "the first time with a retry"
    assert all(b - a >= PROBE / SECOND for a, b in pairwise(probes[1:]))
    assert len(probes) == 7
    assert len([1 for _, unit, _, _ in line.asked if unit == 1]) >= 58
    assert line.sink.rows(1) == []


async def test_a_silent_unit_returns_with_its_next_probe(line):
    line.point("holding:1@1")
    line.point("holding:1@9")
    line.answers = lambda unit, address, count: None if unit == 9 else [address] * count
    await line.run(15)
    line.answers = lambda _unit, address, count: [address] * count
    await line.run(15)
    assert line.last("holding:1@9") == (1.0, 0)


async def test_a_connection_behind_which_nobody_answers_is_lost(line):
    line.point("holding:1@1")
    line.point("holding:1@9")
    line.answers = lambda *_: None
    with pytest.raises(LinkLostError, match="is connected but does not answer"):
        await line.poller().run()
    assert line.sink.states == []
    assert line.sink.counters["retries"] == 2


async def test_a_unit_that_a_gateway_cannot_reach_turns_all_its_tags_bad_at_once(line):
    line.point("holding:1@9")
    line.point("holding:50@9", scan=600)
    line.point("holding:1@1")
    await line.run(2)
    line.answers = lambda unit, address, count: 0x0B if unit == 9 else [address] * count
    await line.run(5)
    assert line.last("holding:1@9")[1] == Status.BAD_TIMEOUT
    assert line.last("holding:50@9")[1] == Status.BAD_TIMEOUT
    assert line.last("holding:1@1") == (1.0, 0)
    assert len([1 for at, unit, _, _ in line.asked if unit == 9 and at >= 2]) == 1


async def test_a_failing_device_is_left_alone_ever_longer_and_recovers(line):
    line.point("holding:1", scan=0.5)
    line.answers = lambda *_: 4
    await line.run(20)
    assert line.last("holding:1")[1] == Status.BAD_DEVICE_FAILURE
    assert line.whole(1, 1) == [0.0, 1.0, 3.0, 7.0, 15.0]
    line.answers = lambda _unit, address, count: [address] * count
    await line.run(30)
    assert line.last("holding:1") == (1.0, 0)


async def test_missed_scans_are_counted_and_skipped_and_the_grid_stays(line):
    line.point("holding:1", scan=1)
    line.takes = 2.5
    await line.run(10)
    assert line.whole(1, 1) == [0.0, 3.0, 6.0, 9.0]
    assert line.sink.counters["overruns"] == 8


async def test_a_slow_scan_is_not_starved_by_a_fast_one_that_cannot_keep_up(line):
    line.point("holding:1", scan=0.1)
    line.point("holding:50", scan=1)
    line.takes = 0.3
    await line.run(30)
    assert len(line.whole(50, 1)) >= 25


async def test_the_link_is_up_once_and_unchanged_values_are_alive(line):
    line.point("holding:1")
    await line.run(5)
    assert line.sink.states == [(LinkState.UP, "plc: connected.")]
    assert line.sink.rows(0) == [(1.0, 0, 0)]
    assert len(line.sink.alive_tags) == 4


async def test_a_value_that_may_have_become_stale_is_told_again_although_it_is_the_same(line):
    line.point("holding:1")
    await line.run(2)
    line.answers = lambda *_: 6
    await line.run(10)
    line.answers = lambda _unit, address, count: [address] * count
    await line.run(5)
    assert [(value, status) for value, status, _ in line.sink.rows(0)] == [(1.0, 0)] * 2


async def test_a_reply_of_the_wrong_length_is_not_believed(line):
    line.point("holding:1")
    line.answers = lambda *_: [1, 2, 3]
    await line.run(3)
    assert line.last("holding:1")[1] == Status.BAD_COMMUNICATION_ERROR
    assert line.sink.counters["bad_replies"] == 3


async def test_a_connection_without_tags_is_up(line):
    await line.run(2)
    assert line.sink.count_of(LinkState.UP) == 1
    assert line.asked == []


async def test_one_wrong_address_costs_one_request_more_and_no_more_pieces(line):
    for n in range(100):
        line.point(f"holding:{n}")
    line.answers = lambda _unit, address, count: 2 if address <= 37 < address + count else [address] * count
    await line.run(20)
    late = {(address, count) for at, _, address, count in line.asked if at >= 2}
    assert late == {(0, 37), (38, 62)}


async def test_blocks_that_are_refused_whole_are_tried_again_after_a_while(line):
    line.options = replace(line.options, device=DeviceOptions(max_gap=5))
    line.point("holding:0")
    line.point("holding:4")
    line.answers = lambda _unit, address, count: 2 if address <= 2 < address + count else [address] * count
    await line.run(10)
    assert {line.last("holding:0")[1], line.last("holding:4")[1]} == {0}
    assert line.whole(0, 5) == [0.0]
    line.answers = lambda _unit, address, count: [address] * count
    await line.run(2 * REPROBE / SECOND)
    assert 300 <= line.whole(0, 5)[1] <= 302
    assert line.asked[-1][2:] == (0, 5)


async def test_an_address_that_is_refused_as_if_there_were_no_such_table_costs_only_its_tag(line):
    """Some devices answer 01 where they should answer 02; where the table gave data, it is there."""
    for n in (0, 1, 50, 51, 52):
        line.point(f"holding:{n}")
    line.answers = lambda _unit, address, count: 1 if address <= 51 < address + count else [address] * count
    await line.run(10)
    assert line.last("holding:51")[1] == Status.BAD_CONFIGURATION_ERROR
    assert {line.last(f"holding:{n}")[1] for n in (0, 1, 50, 52)} == {0}


async def test_a_table_that_a_device_does_not_have_is_asked_for_once_in_five_minutes(line):
    for n in (0, 1, 2, 50):
        line.point(f"holding:{n}")
    line.answers = lambda *_: 1
    await line.run(299)
    assert len(line.asked) == 2
    assert line.last("holding:2")[1] == Status.BAD_CONFIGURATION_ERROR


async def test_a_block_that_is_never_answered_costs_only_its_tags(line):
    line.point("holding:1")
    line.point("holding:9")
    line.answers = lambda _unit, address, count: None if address == 9 else [address] * count
    await line.run(60)
    assert line.last("holding:9")[1] == Status.BAD_TIMEOUT
    assert line.last("holding:1") == (1.0, 0)
    assert len(line.whole(1, 1)) >= 50
    assert 8 <= len(line.whole(9, 1)) <= 14, "a try and its retry in ten seconds"


async def test_units_take_turns_whatever_each_has_to_give(line):
    for n in range(0, 50, 2):
        line.point(f"holding:{n}@1", scan=0.1)
    line.point("holding:1@2", scan=0.1)
    line.takes = 0.1
    await line.run(10)
    assert [unit for _, unit, _, _ in line.asked[:20]] == [1, 2] * 10


async def test_dead_units_leave_the_living_four_fifths_of_the_line(line):
    for unit in range(1, 31):
        line.point(f"holding:1@{unit}", scan=0.1)
    line.takes = 0.02
    line.answers = lambda unit, address, count: [address] * count if unit in {7, 20} else None
    await line.run(60)
    dead = [at for at, unit, _, _ in line.asked if unit not in {7, 20} and at > 40]
    assert len(dead) * line.options.device.timeout <= 0.21 * 20
    assert len(dead) >= 7, "they are not forgotten"
    line.answers = lambda _unit, address, count: [address] * count
    await line.run(120)
    assert all(line.last(f"holding:1@{unit}") == (1.0, 0) for unit in range(1, 31))


async def test_who_answers_goes_first_while_others_are_being_found_dead(line):
    """A gateway's far side fails: nine of ten units die at once, and the tenth is still read nearly in time."""
    for unit in range(1, 11):
        line.point(f"holding:1@{unit}", scan=0.5)
    await line.run(5)
    line.answers = lambda unit, address, count: [address] * count if unit == 5 else None
    died = line.mono / SECOND
    await line.run(30)
    seen = [at for at, unit, _, _ in line.asked if unit == 5 and at >= died]
    waits = sorted(b - a for a, b in pairwise(seen))
    assert waits[-1] <= 5, "the first round finds out who is dead, a time-out each"
    assert waits[-2] <= 1.1


async def test_each_unit_has_its_own_time_out_and_retries(line):
    line.options = replace(
        line.options, units={2: DeviceOptions(timeout=2, retries=0), 3: DeviceOptions(timeout=0.1, retries=3)}
    )
    for unit in (1, 2, 3):
        line.point(f"holding:1@{unit}", scan=60)
    line.answers = lambda unit, address, count: [address] * count if unit == 1 else None
    await line.run(4)
    tries = {unit: [at for at, u, _, _ in line.asked if u == unit] for unit in (2, 3)}
    assert len(tries[2]) == 1
    assert len(tries[3]) == 4
    assert line.mono / SECOND >= 2 + 4 * 0.1


async def test_a_garbled_line_turns_its_tags_bad_and_is_lost(line):
    line.point("holding:1")
    await line.run(2)

    async def noise(*_):
        line.mono += SECOND
        raise GarbledError("what came is no whole Modbus RTU frame")

    line.exchange = noise
    with pytest.raises(LinkLostError, match="sends no valid reply"):
        await line.poller().run()
    assert line.last("holding:1")[1] == Status.BAD_COMMUNICATION_ERROR


async def test_a_unit_that_dies_is_found_dead_although_one_block_was_given_up_before(line):
    line.point("holding:1@1")
    line.point("holding:1@9")
    line.point("holding:50@9")
    await line.run(3)
    line.answers = lambda unit, address, count: None if unit == 9 else [address] * count
    before = len(line.asked)
    await line.run(9)
    assert len([1 for _, unit, _, _ in line.asked[before:] if unit == 9]) <= 4, "two tries, and those of a witness"
    line.answers = lambda _unit, address, count: [address] * count
    await line.run(20)
    assert {line.last("holding:1@9")[1], line.last("holding:50@9")[1]} == {0}
