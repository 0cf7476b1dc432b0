"""Structures are opened by what the server tells of them; rubbish stays closed and harms nobody."""

import struct

import pytest
from asyncua import ua
from hypothesis import given
from hypothesis import strategies as st

from hmi.drivers.opcua.structures import Structures

from .fake_session import FakeSession

KIND, INNER, CODE = (ua.NodeId(name, 2) for name in ("Kind", "Inner", "Code"))
BINARY = ua.NodeId("Binary", 2)
DOUBLE, INT, TEXT = ua.NodeId(11), ua.NodeId(6), ua.NodeId(12)


def field(name, kind, rank=-1, optional=False):
    return ua.StructureField(Name=name, DataType=kind, ValueRank=rank, IsOptional=optional)


def definition(kind, *fields, encoding=BINARY):
    return ua.StructureDefinition(DefaultEncodingId=encoding, StructureType=kind, Fields=list(fields))


async def learned(**definitions):
    session, structures = FakeSession(), Structures()
    session.values = {
        ("Node", ua.AttributeIds.DataType, None): ua.DataValue(ua.Variant(KIND, ua.VariantType.NodeId)),
        **{
            (name, ua.AttributeIds.DataTypeDefinition, None): ua.DataValue(ua.Variant(made))
            for name, made in definitions.items()
        },
    }
    await structures.learn(session, [ua.NodeId("Node", 2)])
    return structures


def boxed(body):
    return ua.ExtensionObject(TypeId=BINARY, Body=body)


def text(value):
    return struct.pack("<i", len(value)) + value.encode()


async def test_fields_arrays_and_structures_inside():
    inner = definition(ua.StructureType.Structure, field("X", DOUBLE), encoding=ua.NodeId("InnerBinary", 2))
    outer = definition(
        ua.StructureType.Structure,
        field("Label", TEXT),
        field("Limits", INT, 1),
        field("One", INNER),
        field("All", INNER, 1),
        field("Code", CODE),
    )
    codes = ua.EnumDefinition(Fields=[])
    structures = await learned(Kind=outer, Inner=inner, Code=codes)
    body = text("ab") + struct.pack("<iii", 2, 5, 6) + struct.pack("<d", 1.5) + struct.pack("<id", 1, 2.5)
    opened = structures.opened([boxed(body + struct.pack("<i", 3))])
    assert opened == [{"Label": "ab", "Limits": [5, 6], "One": {"X": 1.5}, "All": [{"X": 2.5}], "Code": 3}]


async def test_optional_fields_and_unions():
    optional = definition(
        ua.StructureType.StructureWithOptionalFields,
        field("A", INT, optional=True),
        field("B", INT),
        field("C", INT, optional=True),
    )
    structures = await learned(Kind=optional)
    assert structures.opened(boxed(struct.pack("<Iii", 0b10, 7, 8))) == {"B": 7, "C": 8}
    union = await learned(Kind=definition(ua.StructureType.Union, field("A", INT), field("B", DOUBLE)))
    assert union.opened(boxed(struct.pack("<Id", 2, 1.5))) == {"B": 1.5}
    assert union.opened(boxed(struct.pack("<I", 0))) == {}


async def test_what_is_unknown_stays_closed():
    structures = await learned(Kind=definition(ua.StructureType.Structure, field("A", INT)))
    other = ua.ExtensionObject(TypeId=ua.NodeId("Other", 2), Body=b"1234")
    assert structures.opened(other) is other
    assert structures.opened(3.5) == 3.5
    assert structures.opened(None) is None


@given(body=st.binary(max_size=200))
async def test_rubbish_harms_nobody(body):
    itself = definition(
        ua.StructureType.Structure, field("Label", TEXT), field("Many", DOUBLE, 1), field("Again", KIND, 1)
    )
    structures = await learned(Kind=itself)
    opened = structures.opened(boxed(body))
    assert isinstance(opened, dict | ua.ExtensionObject)


async def test_a_structure_that_holds_itself_for_ever():
    structures = await learned(Kind=definition(ua.StructureType.Structure, field("Again", KIND)))
    assert isinstance(structures.opened(boxed(b"")), ua.ExtensionObject)


@pytest.mark.parametrize("count", [2**31 - 1, 1_000_001, 50])
async def test_an_array_longer_than_its_message(count):
    structures = await learned(Kind=definition(ua.StructureType.Structure, field("Many", DOUBLE, 1)))
    assert isinstance(structures.opened(boxed(struct.pack("<i", count) + b"12345678")), ua.ExtensionObject)
