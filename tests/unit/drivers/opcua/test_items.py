"""What is monitored: an item a tag, one a node for its elements, and whatever is sent comes to the right tags."""

from hmi.core.instants import Instants
from hmi.core.tag import TagType
from hmi.drivers.api import Point
from hmi.drivers.opcua.address import parse_address
from hmi.drivers.opcua.decode import Published
from hmi.drivers.opcua.intake import Intake
from hmi.drivers.opcua.items import UNKNOWN_NODE, plan
from hmi.drivers.opcua.options import TimePolicy, parse_options

OPTIONS = parse_options("opc.tcp://plc:4840", {})
TEXTS = [
    "ns=2;s=A#[0]",
    "ns=2;s=Plain",
    "nsu=urn:plant;s=B#[1]",
    "ns=2;s=A#[1]",
    "nsu=urn:gone;s=C#[0]",
    "ns=2;s=B#[0]",
]


def points(scans=(1.0, 1.0, 1.0, 1.0, 1.0, 1.0)):
    return [
        Point(100 + at, text, parse_address(text, TagType.FLOAT), TagType.FLOAT, scan)
        for at, (text, scan) in enumerate(zip(TEXTS, scans, strict=True))
    ]


def planned(**more):
    intake = Intake((), TimePolicy.RECEIVE, 0, 0)
    return intake, plan(points(**more), {"urn:plant": 3}, intake, OPTIONS)


def test_tags_of_one_node_share_an_item_at_their_fastest_scan():
    _, made = planned(scans=(1.0, 5.0, 3.0, 0.5, 1.0, 2.0))
    shared = [
        (item.node.Identifier, item.node.NamespaceIndex, [p.tag for p in item.points], item.sampling)
        for item in made.items
    ]
    assert sorted(shared) == [
        ("A", 2, [100, 103], 0.5),
        ("B", 2, [105], 2.0),
        ("B", 3, [102], 3.0),
        ("Plain", 2, [101], 5.0),
    ]
    assert [(point.tag, status) for point, status in made.missing] == [(104, UNKNOWN_NODE)]


def test_the_elements_of_each_node_come_to_their_own_tags():
    intake, made = planned()
    handles = {(item.node.Identifier, item.node.NamespaceIndex): item.handle for item in made.items}
    assert len(set(handles.values())) == len(made.items)
    nan = float("nan")
    sent = Published(
        handle=[handles["B", 3], handles["A", 2], handles["Plain", 2], handles["B", 2]],
        value=[nan, nan, 7.0, nan],
        status=[0] * 4,
        source=[0] * 4,
        server=[0] * 4,
        odd={0: [30.0, 31.0], 1: [20.0, 21.0], 3: [50.0, 51.0]},
    )
    batch = intake.batch(sent, Instants(1, 1))
    assert dict(zip(batch.tag.tolist(), batch.value.tolist(), strict=True)) == {
        100: 20.0,
        101: 7.0,
        102: 31.0,
        103: 21.0,
        105: 50.0,
    }
    assert intake.is_complete
    assert sorted(intake.tags.tolist()) == [100, 101, 102, 103, 105]


def test_without_elements_nothing_is_added_for_them():
    intake = Intake((), TimePolicy.RECEIVE, 0, 0)
    made = plan(points()[1:2], {}, intake, OPTIONS)
    assert [item.handle for item in made.items] == [0]
    assert intake.add(()) == []
