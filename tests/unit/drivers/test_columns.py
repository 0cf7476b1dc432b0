"""Rows that tell a status without a value, and numbers that are none."""

import math

import numpy as np

from hmi.core.instants import Instants
from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import Point
from hmi.drivers.columns import LONGEST, clean, distrust, marked


def test_marked_rows_have_no_value():
    points = [Point(7, "a", None, TagType.FLOAT, 1), Point(8, "b", None, TagType.STRING, 1)]
    batch = marked(points, Status.BAD_CONFIGURATION_ERROR, Instants(5, 6))
    assert batch.tag.tolist() == [7, 8]
    assert math.isnan(batch.value[0])
    assert batch.text_at(1) == ""
    assert batch.text_at(0) is None
    assert batch.status.tolist() == [Status.BAD_CONFIGURATION_ERROR] * 2
    assert (batch.time.tolist(), batch.received.tolist()) == ([6, 6], [5, 5])


def test_not_a_number_is_bad_unless_it_is_bad_already():
    value = np.array([1.0, np.nan, np.inf, np.nan])
    status = np.array([0, 0, Status.UNCERTAIN, Status.BAD_DEVICE_FAILURE], np.uint32)
    expected = [0, Status.BAD_OUT_OF_RANGE, Status.BAD_OUT_OF_RANGE, Status.BAD_DEVICE_FAILURE]
    assert distrust(value, status).tolist() == expected


def test_texts_can_be_stored_and_sent():
    assert clean("Füller \u0394") == "Füller \u0394"
    assert clean("half \udcff") == "half ?"
    assert len(clean("x" * 100_000)) == LONGEST
