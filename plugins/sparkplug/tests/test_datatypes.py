"""Values of every type against bytes computed by hand from the specification."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.tag import TagType
from plugins.sparkplug.datatypes import BITS, SIGNED, DataType, MismatchError, elements, encode, scalar, tag_type


@pytest.mark.parametrize(
    ("datatype", "data", "expected"),
    [
        (DataType.INT8_ARRAY, "EF 7B", [-17, 123]),
        (DataType.INT16_ARRAY, "D0 8A 30 75", [-30000, 30000]),
        (DataType.UINT32_ARRAY, "34 00 00 00 49 FB 55 C4", [52, 3293969225]),
        (DataType.INT32_ARRAY, "FE FF FF FF", [-2]),
        (DataType.INT64_ARRAY, "FE FF FF FF FF FF FF FF", [-2]),
        (DataType.UINT8_ARRAY, "FF 00", [255, 0]),
        (DataType.UINT16_ARRAY, "D0 8A", [35536]),
        (DataType.UINT64_ARRAY, "00 00 00 00 00 00 00 80", [1 << 63]),
        (DataType.FLOAT_ARRAY, "00 00 C0 3F", [1.5]),
        (DataType.DOUBLE_ARRAY, "00 00 00 00 00 00 F8 3F", [1.5]),
        (DataType.DATE_TIME_ARRAY, "E8 03 00 00 00 00 00 00", [1.0]),
        (DataType.STRING_ARRAY, "41 42 43 00 68 65 6C 6C 6F 00", ["ABC", "hello"]),
        (DataType.STRING_ARRAY, "", []),
        (
            DataType.BOOLEAN_ARRAY,
            "0C 00 00 00 34 D0",
            [False, False, True, True, False, True, False, False, True, True, False, True],
        ),
    ],
)
def test_arrays(datatype, data, expected):
    assert elements(datatype, bytes.fromhex(data)) == expected


@pytest.mark.parametrize(
    ("datatype", "data"),
    [
        (DataType.INT16_ARRAY, "D0"),
        (DataType.STRING_ARRAY, "41"),
        (DataType.BOOLEAN_ARRAY, "0C 00 00"),
        (DataType.BOOLEAN_ARRAY, "0C 00 00 00 34"),
        (DataType.BOOLEAN_ARRAY, "FF FF FF FF 34"),
        (DataType.INT32, "34 00 00 00"),
    ],
)
def test_bytes_that_are_no_array(datatype, data):
    with pytest.raises(MismatchError):
        elements(datatype, bytes.fromhex(data))


@pytest.mark.parametrize("datatype", sorted(SIGNED))
def test_negative_integers_of_both_kinds_of_encoders(datatype):
    bits = BITS[datatype]
    for value in (-1, -(1 << bits - 1), (1 << bits - 1) - 1, 0):
        for width in {bits, 32, 64}:
            if width >= bits:
                field = "int_value" if width <= 32 else "long_value"
                assert scalar(datatype, field, value % (1 << width)) == value


def test_an_int8_of_minus_one():
    assert scalar(DataType.INT8, "int_value", 255) == -1
    assert scalar(DataType.INT8, "int_value", 4294967295) == -1
    assert scalar(DataType.UINT8, "int_value", 255) == 255
    assert scalar(DataType.INT64, "long_value", (1 << 64) - 1) == -1


@given(st.sampled_from(sorted(BITS)), st.data())
def test_what_is_encoded_is_decoded_again(datatype, data):
    bits = BITS[datatype]
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if datatype in SIGNED else (0, (1 << bits) - 1)
    value = data.draw(st.integers(max(low, -(1 << 53)), min(high, 1 << 53)))
    field, content, sent = encode(datatype, float(value))
    assert scalar(datatype, field, content) == value == sent


def test_commands_are_what_the_type_holds():
    assert encode(DataType.INT16, 2.5) == ("int_value", 2, 2.0)
    assert encode(DataType.FLOAT, 0.1)[2] == pytest.approx(0.1, rel=1e-7)
    assert encode(DataType.FLOAT, 0.1)[2] != 0.1
    assert encode(DataType.BOOLEAN, 1.0) == ("boolean_value", True, 1.0)
    assert encode(DataType.DATE_TIME, 1.5) == ("long_value", 1500, 1.5)
    assert encode(DataType.TEXT, "a") == ("string_value", "a", "a")
    assert encode(DataType.INT64, -1.0) == ("long_value", (1 << 64) - 1, -1.0)


@pytest.mark.parametrize(
    ("datatype", "value"),
    [
        (DataType.UINT8, 256.0),
        (DataType.UINT8, -1.0),
        (DataType.INT8, 128.0),
        (DataType.BOOLEAN, 2.0),
        (DataType.FLOAT, 1e39),
        (DataType.DOUBLE, math.nan),
        (DataType.DOUBLE, "1"),
        (DataType.STRING, 1.0),
        (DataType.INT32_ARRAY, 1.0),
        (DataType.DATA_SET, 1.0),
    ],
)
def test_what_a_type_cannot_hold_is_refused(datatype, value):
    with pytest.raises(MismatchError):
        encode(datatype, value)


def test_a_field_of_another_type_is_a_mismatch():
    for datatype, field in [
        (DataType.FLOAT, "double_value"),
        (DataType.STRING, "int_value"),
        (DataType.BOOLEAN, "int_value"),
        (DataType.INT32, "string_value"),
    ]:
        with pytest.raises(MismatchError):
            scalar(datatype, field, 1)


def test_types_of_tags():
    assert tag_type(DataType.BOOLEAN) is TagType.BOOL
    assert tag_type(DataType.UUID) is TagType.STRING
    assert tag_type(DataType.UINT64) is TagType.INT
    assert tag_type(DataType.DATE_TIME) is TagType.FLOAT
    assert tag_type(DataType.DOUBLE_ARRAY) is None
    assert tag_type(None) is None
