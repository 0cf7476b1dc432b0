"""The same as cells and columns, one sample after the other, and the samples that tell right from nearly right."""

import math

import numpy as np
from hypothesis import strategies as st

from hmi.core.instants import SECOND
from hmi.core.quality import Status, is_bad, worst
from hmi.historian.rollup.cells import (
    DAY,
    ENDS_IN_GAP,
    GAP,
    HOUR,
    MIN_FIRST,
    MINUTE,
    STARTS_IN_GAP,
)

FIRST_DAY = 20_833
START = FIRST_DAY * DAY
DAYS = 4

_PLACES = st.one_of(
    st.integers(0, DAYS * DAY - 1),
    # On edges and beside them.
    st.builds(
        lambda n, unit, beside: min(max(n * unit % (DAYS * DAY) + beside, 0), DAYS * DAY - 1),
        st.integers(0, DAYS * 1440),
        st.sampled_from([MINUTE, HOUR, DAY]),
        st.sampled_from([-1, 0, 1]),
    ),
    # Many in few minutes.
    st.integers(DAY + HOUR, DAY + HOUR + 3 * MINUTE),
)
VALUES = st.sampled_from([0.0, -0.0, 1.0, 2.5, -7.0, 1e300, math.nan, math.inf, -math.inf]) | st.floats(-9, 9)
STATUSES = st.sampled_from(
    [
        *[int(Status.GOOD)] * 8,
        int(Status.GOOD_CLAMPED),
        int(Status.UNCERTAIN),
        int(Status.UNCERTAIN_INITIAL_VALUE),
        int(Status.BAD),
        int(Status.BAD_DATA_LOST),
        0xC0000000,
    ]
)
GOOD_SAMPLES = st.lists(st.tuples(_PLACES, st.floats(-9, 9), st.just(0)), max_size=60)
ANY_SAMPLES = st.lists(st.tuples(_PLACES, VALUES, STATUSES), max_size=60)
SAMPLES = (GOOD_SAMPLES | ANY_SAMPLES).map(
    lambda rows: [(START + t, v, s) for t, (v, s) in sorted({t: (v, s) for t, v, s in rows}.items())]
)
"""(time, value, status) in time order, each time once, within `DAYS` days from `START`."""


def arrays(samples):
    """Time, value and status of such samples."""
    return (
        np.array([t for t, _, _ in samples], np.int64),
        np.array([v for _, v, _ in samples], np.float64),
        np.array([s for _, _, s in samples], np.uint32),
    )


def drawable(sample):
    return math.isfinite(sample[1]) and not is_bad(sample[2])


def cell_of(samples):
    """First, min, max, last, count, worst, shown and marks of the samples of one cell."""
    good = [s for s in samples if drawable(s)]
    marks = 0
    if len(good) < len(samples):
        marks |= GAP
    if not drawable(samples[0]):
        marks |= STARTS_IN_GAP
    if not drawable(samples[-1]):
        marks |= ENDS_IN_GAP
    values = [v for _, v, _ in good]
    if values and values.index(min(values)) <= values.index(max(values)):
        marks |= MIN_FIRST
    four = (values[0], min(values), max(values), values[-1]) if values else (math.nan,) * 4
    return (*four, len(samples), _worst(samples), _worst(good), marks)


def _worst(samples):
    code = samples[0][2] if samples else 0
    for _, _, status in samples:
        code = worst(code, status)
    return code


def plain_cells(samples, width):
    """Cells by their index."""
    groups = {}
    for sample in samples:
        groups.setdefault(sample[0] // width, []).append(sample)
    return {index: cell_of(group) for index, group in groups.items()}


def shown(cells):
    """Real cells in the same form."""
    columns = (cells.first, cells.min, cells.max, cells.last, cells.count, cells.worst, cells.shown, cells.marks)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return dict(zip(cells.index.tolist(), rows, strict=True))


def exact(rows):
    """Something that is equal only to the same bits: NaN to NaN, and 0.0 not to -0.0."""
    return {index: tuple(np.float64(x).tobytes() for x in row) for index, row in rows.items()}


def of(*samples):
    """(seconds, value[, status]) after `START` as samples."""
    return [
        (START + int(s * SECOND), float(v), *rest) if rest else (START + int(s * SECOND), float(v), 0)
        for s, v, *rest in samples
    ]
