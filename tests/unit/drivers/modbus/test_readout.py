"""Replies become rows: all at first, then only what changed."""

import math
import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.instants import Instants
from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import Point
from hmi.drivers.modbus.address import WordOrder, parse_address
from hmi.drivers.modbus.blocks import Limits, Span, plan
from hmi.drivers.modbus.readout import Readout

NOW = Instants(5, 7_654_321)


def readout(*texts, order=WordOrder.ABCD):
    points = []
    for tag, text in enumerate(texts):
        type_ = TagType.STRING if "string" in text else TagType.FLOAT
        points.append(Point(tag, text, parse_address(text, type_), type_, 1))
    (block,) = plan([Span(p.address.address, p.address.count, i) for i, p in enumerate(points)], Limits(2000, 2000))
    return Readout(block, [points[m.key] for m in block.members], order)


def rows(batch):
    found = {}
    for row in range(len(batch)):
        text = batch.text_at(row)
        found[int(batch.tag[row])] = float(batch.value[row]) if text is None else text
    return found


def words(*values):
    return struct.pack(f">{len(values)}H", *values)


def test_all_kinds_in_one_block():
    r = readout("holding:0:float32", "holding:2:int16", "holding:3.1", "holding:3.0", "holding:4:bool",
                "holding:5:string[4]", "holding:7:uint32:CDAB")  # fmt: skip
    data = words(0x42F6, 0xE979, 0xFFFE, 0b10, 9) + b"ok\0\0" + words(0x4240, 0x000F)
    batch = r.changes(data, NOW)
    assert rows(batch) == {
        0: struct.unpack(">f", bytes.fromhex("42f6e979"))[0], 1: -2, 2: 1, 3: 0, 4: 1, 5: "ok", 6: 1_000_000
    }  # fmt: skip
    assert set(batch.status) == {0}
    assert (set(batch.time), set(batch.received)) == ({7_000_000}, {5})  # stamped in ms


def test_only_what_changed_and_all_again_after_forgetting():
    r = readout("holding:0:int16", "holding:1:int16", "holding:2.0", "holding:2.5", "holding:3:string[2]")
    assert len(r.changes(words(1, 2, 0, 0x4141), NOW)) == 5
    assert len(r.changes(words(1, 2, 0, 0x4141), NOW)) == 0
    assert rows(r.changes(words(1, 3, 0b100000, 0x4141), NOW)) == {1: 3, 3: 1}
    assert rows(r.changes(words(1, 3, 0b100000, 0x4142), NOW)) == {4: "AB"}
    r.forget()
    assert len(r.changes(words(1, 3, 0b100000, 0x4142), NOW)) == 5


def test_coils():
    r = readout("coil:3", "coil:10", "coil:4")
    assert rows(r.changes(bytes([0b0000_0001, 0b1]), NOW)) == {0: 1, 1: 0, 2: 0}
    assert rows(r.changes(bytes([0b1000_0001, 0b1]), NOW)) == {1: 1}


def test_numbers_that_are_none_and_integers_beyond_exactness():
    r = readout("holding:0:float32", "holding:2:uint64", "holding:6:int64")
    batch = r.changes(words(0x7FC0, 0, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0, 0, 0, 1), NOW)
    status = dict(zip(batch.tag.tolist(), batch.status.tolist(), strict=True))
    assert status == {0: Status.BAD_OUT_OF_RANGE, 1: Status.UNCERTAIN, 2: 0}
    assert math.isnan(batch.value[batch.tag == 0][0])


def test_word_order_of_the_connection():
    r = readout("holding:0:uint32", "holding:2:uint32:ABCD", order=WordOrder.CDAB)
    assert rows(r.changes(words(0x4240, 0x000F, 0x000F, 0x4240), NOW)) == {0: 1_000_000, 1: 1_000_000}


@given(polls=st.lists(st.binary(min_size=12, max_size=12), min_size=1, max_size=6))
def test_the_changes_add_up_to_a_full_read(polls):
    texts = ("holding:0:int32", "holding:2:uint16", "holding:3:float32", "holding:5.7", "holding:5:int16")
    r, held = readout(*texts), {}
    for data in polls:
        held.update(rows(r.changes(data, NOW)))
    whole = rows(readout(*texts).changes(polls[-1], NOW))
    np.testing.assert_equal(held, whole)
