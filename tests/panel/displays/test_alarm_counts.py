"""The overview's rows and the navigation tree count the same alarms, and together they count all of them."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from hmi.core.element import AlarmSummary, Machine
from hmi.link.messages import Session
from hmi.panel.displays import DisplayPage
from hmi.panel.displays.symbols.summary import AlarmSummarySymbol
from hmi.panel.main_window import MainWindow
from hmi.panel.places import Kind, Place
from hmi.panel.stores.alarms import counted
from hmi.panel.tree import ROLL_UP, NavigationTree
from tests.helpers_panel.bottling import bottling
from tests.helpers_panel.fake_station import alarm
from tests.helpers_panel.memory import MemoryPanel
from tests.helpers_panel.windows import PLAIN, window_on
from tests.panel.pictures import demo_tags

ALARMED = [tag.path for tag in demo_tags() if tag.alarms]


@pytest.fixture
def panel() -> MemoryPanel:
    return MemoryPanel(bottling())


@pytest.fixture
def window(qapp: QApplication, panel: MemoryPanel) -> Iterator[MainWindow]:
    made = window_on(panel, pages={**PLAIN, Kind.DISPLAY: DisplayPage})
    panel.open()
    panel.station.alarms.clear()
    for path in (*ALARMED, "system/packaging/connected", "plant/nowhere/x", "other"):
        panel.station.raise_alarm(alarm(path))
    panel.settle()
    yield made
    made.close()
    made.deleteLater()


def rows_of(window: MainWindow) -> dict[str, int]:
    page = window.pages.page
    assert isinstance(page, DisplayPage)
    assert page.canvas is not None
    scene, elements = page.canvas.scene, page.canvas.display.elements
    summaries = [e for e in elements if isinstance(e, AlarmSummary)]
    return {e.display or "rest": sum(n.total for n in counted(scene.counted_by(e)).values()) for e in summaries}


def test_tree_and_rows_count_alike_and_leave_no_alarm_out(window: MainWindow, panel: MemoryPanel) -> None:
    tree = window.findChild(NavigationTree)
    assert tree is not None
    marks = {place: item.data(0, ROLL_UP) for place, item in tree._items.items()}
    in_tree = {p.name or p.kind.value: mark[2] for p, mark in marks.items() if mark is not None}
    rows = rows_of(window)
    assert {name: in_tree[name] for name in rows if name != "rest"} == {n: c for n, c in rows.items() if n != "rest"}
    assert sum(rows.values()) == in_tree["alarms"] == len(panel.station.alarms)
    assert in_tree["overview"] + in_tree["diagnostics"] == in_tree["alarms"]
    assert rows["rest"] == 3


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("plant/overview/pasteuriser/sensor_difference", Place(Kind.DISPLAY, "process")),
        ("plant/overview/capper/waiting", Place(Kind.DISPLAY, "packaging")),
        ("plant/nowhere/x", Place(Kind.DISPLAY, "overview")),
        ("system/packaging/connected", Place(Kind.DIAGNOSTICS)),
    ],
)
def test_an_alarm_on_no_display_opens_the_display_of_its_unit(window: MainWindow, path: str, expected: Place) -> None:
    window.guide.show_cause(f"{path}/HH")
    assert window.guide._front == expected


def test_every_alarm_of_the_demo_opens_a_display(panel: MemoryPanel, window: MainWindow) -> None:
    atlas = panel.stores.atlas
    assert not [path for path in ALARMED if not atlas.display_of(panel.station.alarms[f"{path}/HH"])]


def test_the_machine_that_waits_carries_the_mark(window: MainWindow, panel: MemoryPanel) -> None:
    panel.station.alarms.clear()
    panel.station.raise_alarm(alarm("plant/overview/capper/waiting"))
    panel.settle()
    page = window.pages.page
    assert isinstance(page, DisplayPage)
    assert page.canvas is not None
    machines = [symbol for symbol in page.canvas.symbols if isinstance(symbol.element, Machine)]
    assert [m.element.id for m in machines if m.alarms(page.canvas.scene)] == ["machine_capper"]


def test_rows_say_that_they_are_the_last_known_when_rights_are_taken(window: MainWindow, panel: MemoryPanel) -> None:
    page = window.pages.page
    assert isinstance(page, DisplayPage)
    assert page.canvas is not None
    [rest] = [s for s in page.canvas.symbols if isinstance(s, AlarmSummarySymbol) and s.element.rest]
    assert rest.says(page.canvas.scene) == "priority 1: 3"
    assert page.canvas._flashing
    panel.stores.session.may_view = False
    panel.stores.receive(Session(0, "", "none", "Your rights have changed."))
    panel.stores.alarms.down()
    assert rest.says(page.canvas.scene) == "not live, last known priority 1: 3"
    assert not page.canvas._flashing
