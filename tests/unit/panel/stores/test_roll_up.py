"""Every standing alarm is at home in one place, whoever asks."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.panel.stores.roll_up import STATION
from tests.helpers_panel.fake_station import FakeStation, alarm
from tests.helpers_panel.memory import MemoryPanel


def document(name: str, level: int, *paths: str, links: dict[str, list[str]] | None = None) -> bytes:
    place = {"x": 0, "y": 0, "w": 9, "h": 9}
    elements = [{"kind": "value", "id": f"v{n}", "path": path, **place} for n, path in enumerate(paths)]
    for display, prefixes in (links or {}).items():
        elements.append({"kind": "link", "id": f"to_{display}", "display": display, "alarms": prefixes, **place})
    head = {"schema": 1, "name": name, "title": name.title(), "level": level, "size": [100, 100]}
    return json.dumps({**head, "elements": elements}).encode()


DISPLAYS = {
    "home": (
        "Home",
        "",
        document("home", 1, "p/line/rate", links={"a": ["calc/a", "p/gone"], "b": ["calc", "p/gone/b"], "none": ["x"]}),
    ),
    "a": ("A", "home", document("a", 2, "p/one/a/level")),
    "a-detail": ("A detail", "a", document("a-detail", 3, "p/one/a/motor/speed")),
    "b": ("B", "home", document("b", 2, "p/one/b/level")),
}
HOMES = {
    "p/one/a/level": "a",
    "p/one/a/motor/speed": "a-detail",
    "p/one/a/motor/current": "a-detail",
    "p/one/a/flow": "a",
    "p/one/other": "home",
    "p/one/b/flow": "b",
    "p/line/rate": "home",
    "p/line/other": "home",
    "calc/a/waiting": "a",
    "calc/ab": "b",
    "p/gone/x": "a",
    "p/gone/b/x": "b",
    "x/y": "home",
    "system/plc/connected": STATION,
}


@pytest.fixture(scope="module")
def panel() -> MemoryPanel:
    made = MemoryPanel(FakeStation(displays=DISPLAYS))
    made.open()
    made.settle()
    return made


@pytest.mark.parametrize(("path", "home"), HOMES.items())
def test_the_home_of_an_alarm(panel: MemoryPanel, path: str, home: str) -> None:
    assert panel.stores.roll_up.home(alarm(path)) == home


def test_the_configured_display_is_home_too(panel: MemoryPanel) -> None:
    assert panel.stores.roll_up.home(alarm("p/one/a/level", display="b")) == "b"


@given(st.lists(st.sampled_from([*HOMES, "elsewhere"]), unique=True))
def test_every_alarm_counts_once_and_in_all_places_above(paths: list[str]) -> None:
    made = MemoryPanel(FakeStation(displays=DISPLAYS))
    made.open()
    made.settle()
    for path in paths:
        made.station.raise_alarm(alarm(path))
    made.step()
    roll_up, every = made.stores.roll_up, {row.path for row in made.stores.alarms.rows()}
    assert every == set(paths)
    for below, above in pairwise(("a-detail", "a", "home")):
        assert set(roll_up.of(below)) <= set(roll_up.of(above))
    assert len(roll_up.of("home")) + len(roll_up.of(STATION)) == len(paths)
    assert {row.path for row in roll_up.of("a")} == {p for p in paths if HOMES.get(p, "home") in {"a", "a-detail"}}


def test_before_any_display_is_known_nothing_is_lost() -> None:
    made = MemoryPanel()
    made.open()
    made.station.raise_alarm(alarm("p/x"))
    made.settle()
    assert [row.path for row in made.stores.roll_up.of("")] == ["p/x"]
