import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.historian.codec import CodecError
from hmi.historian.rollup import codec
from hmi.historian.rollup.cells import DAY, MINUTE, cells_of
from hmi.historian.rollup.codec import check, decode_hours, decode_minutes, encode_day, encode_hours, encode_minutes
from hmi.historian.rollup.hours import hours_of
from tests.unit.historian.rollup.plain import FIRST_DAY, SAMPLES, START, arrays, exact, of, shown


def by_day(samples):
    days = {}
    for sample in samples:
        days.setdefault(sample[0] // DAY, []).append(sample)
    return days


def minutes_of(samples):
    return cells_of(*arrays(samples), MINUTE)


def rows_of(samples):
    """(day, minutes) and (day, hours) rows."""
    minutes, hours = [], []
    for day, inside in by_day(samples).items():
        time, value, status = arrays(inside)
        minutes.append((day, encode_minutes(day, minutes_of(inside))))
        hours.append((day, encode_hours(day, hours_of(minutes_of(inside), time, value, status))))
    return minutes, hours


@given(samples=SAMPLES)
@settings(max_examples=200)
def test_what_is_read_is_what_was_written(samples):
    minutes, hours = rows_of(samples)
    time, value, status = arrays(samples)
    read = decode_minutes(minutes)
    assert exact(shown(read.cells)) == exact(shown(minutes_of(samples)))
    wanted = hours_of(minutes_of(samples), time, value, status)
    held = decode_hours(hours)
    assert read.days == held.days == sorted(by_day(samples))
    assert len(held.hours) == 24 * len(held.days)
    some = held.hours.records["count"] > 0
    assert held.hours.index[some].tolist() == wanted.index.tolist()
    assert held.hours.records[some].tobytes() == wanted.records.tobytes()
    assert not held.hours.plain[~some].any()


FULL = of(*((n, n % 71, 0 if n % 5000 else int(Status.UNCERTAIN)) for n in range(codec.MINUTES_FROM)))
FULL_ROWS = encode_day(FIRST_DAY, *arrays(FULL))


@given(part=st.sampled_from([0, 1]), place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(max_examples=100)
def test_any_flipped_bit_is_found_and_leaves_its_day_out(part, place, bit):
    sound = FULL_ROWS[part]
    damaged = bytearray(sound)
    damaged[int(place * len(damaged))] ^= 1 << bit
    rows = [(FIRST_DAY, bytes(damaged)), (FIRST_DAY + 1, sound)]
    assert (decode_minutes, decode_hours)[part](rows)[1] == [FIRST_DAY + 1]
    with pytest.raises(CodecError, match="checksum"):
        check(bytes(damaged))


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("size", [0, 3, 7, 15, -1])
def test_a_torn_row_is_found(part, size):
    torn = FULL_ROWS[part][:size]
    assert (decode_minutes, decode_hours)[part]([(FIRST_DAY, torn)])[1] == []


def test_sound_rows_pass():
    for row in FULL_ROWS:
        check(row)


def test_a_row_of_a_later_version_is_left_out(monkeypatch):
    monkeypatch.setattr(codec, "VERSION", 2)
    later = encode_day(FIRST_DAY, *arrays(FULL))
    monkeypatch.undo()
    assert decode_minutes([(FIRST_DAY, later[0])]).days == decode_hours([(FIRST_DAY, later[1])]).days == []


def test_hours_of_every_day_have_the_same_length():
    assert len({len(row) for samples in (of((0, 1)), FULL) for _, row in rows_of(samples)[1]}) == 1


@pytest.mark.parametrize(
    ("count", "kept"),
    [
        (codec.HOURS_FROM - 1, (False, False)),
        (codec.HOURS_FROM, (False, True)),
        (codec.MINUTES_FROM - 1, (False, True)),
        (codec.MINUTES_FROM, (True, True)),
    ],
)
def test_days_with_few_samples_have_no_rollup(count, kept):
    samples = of(*((n, 1) for n in range(count)))
    assert tuple(part is not None for part in encode_day(FIRST_DAY, *arrays(samples))) == kept


@pytest.mark.parametrize("outside", [-1, DAY])
def test_samples_of_another_day_are_refused(outside):
    samples = [(START + outside, 1.0, 0)]
    time, value, status = arrays(samples)
    with pytest.raises(ValueError, match="outside day"):
        encode_minutes(FIRST_DAY, minutes_of(samples))
    with pytest.raises(ValueError, match="outside day"):
        encode_hours(FIRST_DAY, hours_of(minutes_of(samples), time, value, status))


def test_no_rows_have_no_cells():
    assert len(decode_minutes([]).cells) == len(decode_hours([]).hours) == 0


def test_a_day_of_noisy_samples_takes_little_room():
    random = np.random.default_rng(2)
    time = START + np.arange(86_400) * SECOND + random.integers(0, 8_000_000, 86_400)
    value = np.round(50 + random.normal(0, 0.3, 86_400), 1)
    minutes, hours = encode_day(FIRST_DAY, time, value, np.zeros(86_400, np.uint32))
    assert len(minutes) + len(hours) < 0.15 * 86_400
