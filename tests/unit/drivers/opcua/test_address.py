"""OPC UA addresses as people write them, and as they must not."""

import uuid

import pytest

from hmi.core.tag import TagType
from hmi.drivers.api import AddressError
from hmi.drivers.opcua.address import MethodAddress, NodeAddress, parse_address
from hmi.drivers.opcua.nodes import node_id

GUID = "09087e75-8e5e-499b-954f-f2a9603db28a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ns=2;s=Mixer.Level", NodeAddress(2, "", "Mixer.Level")),
        ("i=2258", NodeAddress(0, "", 2258)),
        ('ns=3;s="DB"."Speed"[3]', NodeAddress(3, "", '"DB"."Speed"[3]')),
        ("ns=2;s=a;b=c", NodeAddress(2, "", "a;b=c")),
        ("nsu=urn:plant:mixer;s=Level", NodeAddress(0, "urn:plant:mixer", "Level")),
        ("nsu=http://x/a%3Bb;i=7", NodeAddress(0, "http://x/a;b", 7)),
        (f"ns=1;g={GUID}", NodeAddress(1, "", uuid.UUID(GUID))),
        ("ns=1;b=M/RbKBsRVkePCePcx24oRA==", NodeAddress(1, "", bytes.fromhex("33f45b281b1156478f09e3dcc76e2844"))),
        ("method:ns=2;s=M.Start", MethodAddress(NodeAddress(2, "", "M.Start"))),
        ("method:ns=2;s=M#1#|ns=2;s=S#1#", MethodAddress(NodeAddress(2, "", "S#1"), NodeAddress(2, "", "M#1"))),
        ("method:ns=2;s=M|ns=2;i=5", MethodAddress(NodeAddress(2, "", 5), NodeAddress(2, "", "M"))),
    ],
)
def test_reads(text, expected):
    assert parse_address(text, TagType.BOOL) == expected
    assert hash(parse_address(text, TagType.BOOL)) == hash(expected)


@pytest.mark.parametrize(
    "text", ["", "Mixer", "ns=2;Mixer", "ns=70000;s=a", "ns=2;i=-1", "i=4294967296", "ns=2;i=5[1]", "g=1", "b=!", "s="]
)
def test_refuses_with_an_example(text):
    with pytest.raises(AddressError, match="Examples"):
        parse_address(text, TagType.FLOAT)


def test_a_method_is_no_string():
    with pytest.raises(AddressError, match="bool"):
        parse_address("method:ns=2;s=M.Start", TagType.STRING)


def test_namespace_by_uri_survives_another_order():
    address = parse_address("nsu=urn:a;s=x", TagType.FLOAT)
    assert node_id(address, {"urn:a": 4}).NamespaceIndex == 4
    assert node_id(address, {"urn:b": 1}) is None
