"""Which display shows an alarm's cause, and what is below a display."""

import json

import pytest

from tests.helpers_panel.fake_station import FakeStation, alarm
from tests.helpers_panel.memory import MemoryPanel


def document(name: str, level: int, *paths: str) -> bytes:
    elements = [
        {"kind": "value", "id": f"v{n}", "path": path, "x": 0, "y": 0, "w": 9, "h": 9} for n, path in enumerate(paths)
    ]
    head = {"schema": 1, "name": name, "title": name.title(), "level": level, "size": [100, 100]}
    return json.dumps({**head, "elements": elements}).encode()


@pytest.fixture
def panel() -> MemoryPanel:
    station = FakeStation()
    station.displays = {
        "home": ("Home", "", document("home", 1, "a/level", "b/level")),
        "a": ("A", "home", document("a", 2, "a/level", "a/flow")),
        "a-detail": ("A detail", "a", document("a-detail", 3, "a/level", "a/motor")),
        "b": ("B", "home", document("b", 2, "b/level")),
        "broken": ("Broken", "home", b"{"),
    }
    made = MemoryPanel(station)
    made.open()
    made.settle()
    return made


def test_the_atlas_is_read_once_a_session(panel: MemoryPanel) -> None:
    atlas = panel.stores.atlas
    assert atlas.complete
    assert [d.name for d in atlas.displays] == ["home", "a", "a-detail", "b", "broken"]
    assert atlas.title("a") == "A"
    assert atlas.siblings("a") == ("a", "b", "broken")


def test_what_is_below_a_display(panel: MemoryPanel) -> None:
    atlas = panel.stores.atlas
    assert atlas.paths_below("a") == {"a/level", "a/flow", "a/motor"}
    assert atlas.paths_below("home") == {"a/level", "a/flow", "a/motor", "b/level"}
    assert atlas.paths_below("broken") == frozenset()


@pytest.mark.parametrize(
    ("path", "configured", "expected"),
    [
        ("a/level", "", "a"),
        ("a/motor", "", "a-detail"),
        ("b/level", "", "b"),
        ("b/level", "a-detail", "a-detail"),
        ("b/level", "removed", "b"),
        ("a/unseen", "", "a"),
        ("c/level", "", ""),
    ],
)
def test_the_display_of_a_cause(panel: MemoryPanel, path: str, configured: str, expected: str) -> None:
    assert panel.stores.atlas.display_of(alarm(path, display=configured)) == expected


def test_parents_in_a_circle_end(panel: MemoryPanel) -> None:
    title, _, text = panel.station.displays["home"]
    panel.station.displays["home"] = (title, "a", text)
    panel.stores.lost("gone")
    panel.outbox.clear()
    panel.open()
    panel.settle()
    assert panel.stores.atlas.paths_below("a") == panel.stores.atlas.paths_below("home")


def test_a_second_reading_makes_the_first_ones_answers_worthless(panel: MemoryPanel) -> None:
    panel.stores.atlas.load()
    first = panel.outbox.pop()
    panel.stores.atlas.load()
    panel.settle()
    panel.station.displays = {}
    for answer in panel.station.handle(first):
        panel.stores.receive(answer)
    assert len(panel.stores.atlas.displays) == 5
