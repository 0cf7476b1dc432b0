"""Tags made of a device's places: what the device states is taken over, paths are paths, nothing is named twice."""

from __future__ import annotations

from itertools import count

import msgspec
import pytest

from hmi.core.check import PATH, check_tag
from hmi.core.project import ConnectionConfig
from hmi.core.tag import Tag
from hmi.link.messages import DeviceItem
from hmi.panel.connections.making import Picked, Wishes, documents_of, part_of_path, path_of

LEVEL = DeviceItem("n1", "Level", "variable", below=False, address="ns=2;s=L", type="float", unit="%", low=0, high=100)
MODE = DeviceItem(
    "n2", "Mode", "variable", below=False, address="ns=2;s=M", type="enum", states={"0": "Off", "1": "On"}
)
WISHES = Wishes("plc", "plant/mixing")


def made(*picked: Picked, wishes: Wishes = WISHES, taken: tuple[str, ...] = ()) -> list[dict[str, object]]:
    numbers = count()
    return documents_of(picked, wishes, taken, lambda: f"u{next(numbers)}")


def test_what_the_device_states_is_taken_over():
    [level, mode] = made(Picked(("Objects", "Tank", "Level"), LEVEL), Picked(("Objects", "Tank", "Mode"), MODE))
    assert level == {
        "uid": "u0",
        "path": "plant/mixing/Tank/Level",
        "type": "float",
        "source": {"kind": "connection", "connection": "plc", "address": "ns=2;s=L"},
        "unit": "%",
        "range": [0, 100],
        "description": "Tank Level",
    }
    assert mode["states"] == {"0": "Off", "1": "On"}
    for document in (level, mode):
        assert check_tag(msgspec.convert(document, Tag), {"plc": ConnectionConfig("opcua", "x")}) == []


def test_limits_and_history_as_wished():
    wishes = Wishes("plc", "a", history=False, limits=True, scan=0.5)
    [level, mode] = made(Picked(("Tank", "Level"), LEVEL), Picked(("Tank", "Mode"), MODE), wishes=wishes)
    assert level["alarms"] == [
        {"id": "L", "kind": "L", "limit": 10.0, "priority": 4, "message": "Level low"},
        {"id": "H", "kind": "H", "limit": 90.0, "priority": 4, "message": "Level high"},
    ]
    assert (level["history"], level["scan"]) == ({"store": False}, 0.5)
    assert "alarms" not in mode


def test_no_two_tags_get_one_path():
    two = made(Picked(("Tank", "Level"), LEVEL), Picked(("Tank", "Level"), LEVEL), taken=("plant/mixing/Tank/Level",))
    assert [document["path"] for document in two] == ["plant/mixing/Tank/Level_2", "plant/mixing/Tank/Level_3"]


@pytest.mark.parametrize("depth", [1, 2, 8])
def test_so_many_names_become_part_of_the_path(depth):
    path = path_of(Picked(("Objects", "A", "B", "C"), LEVEL), Wishes("plc", "x", depth))
    assert path == "/".join(["x", *["A", "B", "C"][-depth:]])


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Tank 1", "Tank 1"),
        ("Füll/stand{x}", "F_ll_stand_x"),
        ("°", "_"),
        ("", "_"),
        (".hidden", "hidden"),
        ("-a", "a"),
    ],
)
def test_names_become_parts_of_paths(name, part):
    assert part_of_path(name) == part
    assert PATH.fullmatch(f"a/{part}")
