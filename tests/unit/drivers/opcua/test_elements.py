"""Element paths as people write them, and what they mean in a value."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.tag import TagType
from hmi.drivers.api import AddressError
from hmi.drivers.opcua.address import ElementAddress, NodeAddress, address_text, parse_address
from hmi.drivers.opcua.elements import MISSING, element, parse_path, path_text

VALUES = NodeAddress(2, "", "Values")
name = st.text(st.characters(categories=["L"]), min_size=1).map(lambda text: text + "_1 x")
paths = st.lists(st.integers(0, 999_999_999) | name, min_size=1, max_size=5).map(tuple)
identifiers = (
    st.integers(0, 2**32 - 1)
    | st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), min_size=1).filter(lambda t: t == t.strip())
    | st.uuids()
    | st.binary(min_size=1)
)


@given(path=paths)
def test_a_path_is_read_as_it_is_written(path):
    assert parse_path(path_text(path)) == path


@given(
    identifier=identifiers,
    uri=st.text(st.characters(codec="ascii", categories=["L", "N", "P"])).map(str.strip),
    namespace=st.integers(0, 65535),
    path=st.just(()) | paths,
)
def test_every_node_has_an_address_that_means_it(identifier, uri, namespace, path):
    text = address_text(uri, namespace, identifier, path)
    node = NodeAddress(0 if uri else namespace, uri, identifier)
    assert parse_address(text, TagType.FLOAT) == (ElementAddress(node, path) if path else node)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ns=2;s=Values#[3]", ElementAddress(VALUES, (3,))),
        ("ns=2;s=Values#[3][1]", ElementAddress(VALUES, (3, 1))),
        ("ns=2;s=Values#Speed", ElementAddress(VALUES, ("Speed",))),
        ("ns=2;s=Values#Steps[2].Speed", ElementAddress(VALUES, ("Steps", 2, "Speed"))),
        ("ns=2;s=Values[3]", NodeAddress(2, "", "Values[3]")),
        ("ns=2;s=Values#", VALUES),
        ("ns=2;s=Tank#1#", NodeAddress(2, "", "Tank#1")),
        ("ns=2;s=Tank#1#[0]", ElementAddress(NodeAddress(2, "", "Tank#1"), (0,))),
    ],
)
def test_addresses(text, expected):
    assert parse_address(text, TagType.FLOAT) == expected


@pytest.mark.parametrize("text", ["ns=2;s=Tank#1", "ns=2;s=a#[x]", "ns=2;s=a#.b", "ns=2;s=a#b.", "ns=2;s=a#[-1]"])
def test_what_is_no_element_is_said(text):
    with pytest.raises(AddressError, match="Examples"):
        parse_address(text, TagType.FLOAT)


def test_elements_of_values():
    value = {"Steps": [{"Speed": 1.5}, {"Speed": 2.5}], "Label": "x"}
    assert element(value, ("Steps", 1, "Speed")) == 2.5
    assert element([[1, 2], [3, 4]], (1, 0)) == 3
    for path in [("Steps", 2, "Speed"), ("Nothing",), ("Label", 0), (0,), ("Steps", "Speed")]:
        assert element(value, path) is MISSING
    assert element(None, (0,)) is MISSING
    assert element(uuid.uuid4(), ("hex",)) is MISSING
