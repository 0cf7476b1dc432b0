"""A history worked through by hand: values to four decimals, statuses and marks of every interval."""

import math

import numpy as np
import pytest

from hmi.core.instants import SECOND
from hmi.core.quality import (
    CALCULATED,
    EXTRA_DATA,
    INFO_DATA_VALUE,
    INTERPOLATED,
    MULTI_VALUE,
    PARTIAL,
    Status,
    status_name,
)
from hmi.historian.aggregates import Aggregate, AggregateConfig, Processed, aggregate, read_at_time

RAW = [
    (0, 10.0, Status.GOOD),
    (15, 40.0, Status.GOOD),
    (30, 25.0, Status.GOOD),
    (45, math.nan, Status.BAD),
    (70, 60.0, Status.GOOD),
    (80, 50.0, Status.UNCERTAIN),
    (100, 80.0, Status.GOOD),
    (130, 20.0, Status.GOOD),
    (150, 35.0, Status.GOOD),
]
TIME = np.array([t * SECOND for t, _, _ in RAW], np.int64)
VALUE = np.array([v for _, v, _ in RAW])
STATUS = np.array([s for _, _, s in RAW], np.uint32)

SHORT = {"G": "Good", "U": "Uncertain_DataSubNormal", "B": "Bad", "N": "Bad_NoData"}
MARKS = {"c": "Calculated", "i": "Interpolated", "p": "Partial", "m": "MultiValue"}

# Aggregate, stepped, Uncertain as Bad, then a value and a status an interval: G Good, U Uncertain_DataSubNormal, B Bad,
# N Bad_NoData; c Calculated, i Interpolated, p Partial, nothing = a stored value. "-" = no value.
TABLE = [
    ("Interpolative", 0, 1, "10 G, 51.25 Ui, 40 Gi"),
    ("Interpolative", 1, 1, "10 G, 25 Ui, 80 Gi"),
    ("Average", 0, 1, "25 Uc, 70 Uc, 27.5 Gc"),
    ("TimeAverage", 0, 1, "33.4375 Uc, 64.2708 Uc, 31.6667 Ucp"),
    ("TimeAverage", 0, 0, "33.4375 Uc, 60.1042 Uc, 31.6667 Ucp"),
    ("TimeAverage2", 0, 1, "27.5 Uc, 60 Uc, 28.3336 Ucp"),
    ("TimeAverage2", 0, 0, "27.5 Uc, 61 Uc, 28.3336 Gcp"),
    ("TimeAverage2", 1, 1, "25 Uc, 73.3333 Uc, 39.9998 Gcp"),
    ("TimeAverage2", 1, 0, "25 Uc, 64 Uc, 39.9998 Gcp"),
    ("Total", 0, 1, "2006.25 Uc, 3856.25 Uc, 1900 Ucp"),
    ("Total2", 0, 1, "1237.5 Uc, 1800 Uc, 850.035 Ucp"),
    ("Minimum", 0, 1, "10 U, 60 Uc, 20 Gcp"),
    ("Maximum", 0, 0, "40 Uc, 80 Gc, 35 Gcp"),
    ("Minimum", 0, 0, "10 U, 60 Uc, 20 Gcp"),
    ("MinimumActualTime", 0, 1, "10 U @0, 60 U @70, 20 Gp @130"),
    ("MaximumActualTime", 0, 1, "40 U @15, 80 U @100, 35 Gp @150"),
    ("Range", 0, 1, "30 Uc, 20 Uc, 15 Gcp"),
    ("Count", 0, 1, "3 Uc, 2 Uc, 2 Gcp"),
    ("Start", 0, 1, "10 G @0, 60 G @70, 20 Gp @130"),
    ("End", 0, 1, "- B @45, 80 G @100, 35 Gp @150"),
    ("Delta", 0, 1, "15 Uc, 20 Gc, 15 Gcp"),
    ("StartBound", 0, 1, "10 G, - N, 40 Gip"),
    ("EndBound", 0, 1, "- N, 40 Gc, - Np"),
    ("EndBound", 1, 1, "- N, 80 Gc, - Np"),
    ("DeltaBounds", 0, 1, "- N, - N, - Np"),
    ("DurationGood", 0, 1, "45000 Gc, 30000 Gc, 30001 Gcp"),
    ("DurationBad", 0, 1, "15000 Gc, 30000 Gc, 0 Gcp"),
    ("DurationBad", 0, 0, "15000 Gc, 10000 Gc, 0 Gcp"),
    ("PercentGood", 0, 1, "75 Gc, 50 Gc, 100 Gcp"),
    ("PercentBad", 0, 1, "25 Gc, 50 Gc, 0 Gcp"),
    ("WorstQuality", 0, 1, f"{Status.BAD:d} Gc, {Status.UNCERTAIN:d} Gc, 0 Gcp"),
    ("StdDevSample", 0, 1, "15 Uc, 14.1421 Uc, 10.6066 Gcp"),
    ("StdDevPopulation", 0, 1, "12.2474 Uc, 10 Uc, 7.5 Gcp"),
    ("DurationInStateNonZero", 0, 1, "45000 Uc, 30000 Uc, 30001 Gcp"),
    ("DurationInStateZero", 0, 1, "0 Uc, 0 Uc, 0 Gcp"),
    ("NumberOfTransitions", 0, 1, "3 Uc, 2 Uc, 2 Gcp"),
]


BITS = {
    CALCULATED: "Calculated",
    INTERPOLATED: "Interpolated",
    PARTIAL: "Partial",
    EXTRA_DATA: "ExtraData",
    MULTI_VALUE: "MultiValue",
}


def history_names(code: int) -> list[str]:
    """What the history bits of a code say; nothing for Raw."""
    return [name for bit, name in BITS.items() if code & bit] if code & INFO_DATA_VALUE else []


def said(result: Processed) -> list[tuple[int, str, str]]:
    """Seconds, value to four decimals, whole status."""
    return [
        (time // SECOND, "-" if math.isnan(value) else f"{value:.4f}", ",".join([status_name(c), *history_names(c)]))
        for time, value, c in zip(result.time.tolist(), result.value.tolist(), result.status.tolist(), strict=True)
    ]


def wanted(row: str) -> list[tuple[int, str, str]]:
    cells = []
    for stamp, cell in zip((0, 60, 120), row.split(", "), strict=True):
        value, status, *at = cell.split()
        names = [SHORT[status[0]], *(MARKS[mark] for mark in status[1:])]
        shown = value if value == "-" else f"{float(value):.4f}"
        cells.append((int(at[0][1:]) if at else stamp, shown, ",".join(names)))
    return cells


@pytest.mark.parametrize(("name", "stepped", "doubt", "row"), TABLE)
def test_the_table(name: str, stepped: int, doubt: int, row: str) -> None:
    config = AggregateConfig(stepped=bool(stepped), treat_uncertain_as_bad=bool(doubt))
    found = aggregate(Aggregate(name), TIME, VALUE, STATUS, 0, 180 * SECOND, 60 * SECOND, config)
    assert said(found) == wanted(row)


def test_the_table_has_every_aggregate() -> None:
    assert {Aggregate(name) for name, *_ in TABLE} == set(Aggregate)


@pytest.mark.parametrize(
    ("second", "stepped", "sloped_extrapolation", "value"),
    [(5, False, False, 15), (5, True, False, 10), (25, False, True, 35), (25, True, False, 30), (25, True, True, 30)],
)
def test_interpolation_and_extrapolation(second: int, stepped: bool, sloped_extrapolation: bool, value: float) -> None:
    config = AggregateConfig(stepped=stepped, use_sloped_extrapolation=sloped_extrapolation)
    time = np.array([0, 10, 20]) * SECOND
    found = read_at_time(
        time, np.array([10.0, 20.0, 30.0]), np.zeros(3, np.uint32), np.array([second * SECOND, 10 * SECOND]), config
    )
    status = "Uncertain_DataSubNormal" if second > 20 else "Good"
    assert said(found) == [(second, f"{value:.4f}", f"{status},Interpolated"), (10, "20.0000", "Good")]
