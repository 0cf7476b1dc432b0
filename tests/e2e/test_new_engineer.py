"""A new engineer, with the panel alone, connects an unknown server, makes tags of its nodes and sees their trend."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QTreeWidgetItem, QWidget
from pytestqt.qtbot import QtBot

from hmi.panel.app import Panel, build
from hmi.panel.connections.page import ConnectionsPage
from hmi.panel.places import Kind, Place
from hmi.station.places import KEY_FILE
from tests.helpers_station.line import PASSWORD, Line

pytestmark = pytest.mark.timeout(180)
PATIENCE_MS = 30_000


@pytest.fixture
def panel(line: Line, qapp: QApplication, qtbot: QtBot) -> Iterator[Panel]:
    line.start_plcs("process")
    url = line.start_station()
    made = build(f"{url}/link", (line.data / KEY_FILE).read_bytes, qapp)
    made.connection.start(made.stores)
    made.window.show()
    qtbot.waitUntil(lambda: made.stores.session.live, timeout=PATIENCE_MS)
    yield made
    made.close()
    made.window.deleteLater()


def press(part: QWidget, text: str, qtbot: QtBot) -> None:
    button = next(b for b in part.findChildren(QPushButton) if b.text().startswith(text) and b.isVisible())
    qtbot.waitUntil(button.isEnabled, timeout=PATIENCE_MS)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def type_in(part: QWidget, name: str, text: str, qtbot: QtBot) -> None:
    field = part.findChild(QLineEdit, name)
    assert field is not None
    field.clear()
    qtbot.keyClicks(field, text)


def said(part: QWidget, name: str = "sentence") -> str:
    label = part.findChild(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text()


def below(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    return [child for at in range(item.childCount()) if (child := item.child(at)) is not None]


def open_up(page: ConnectionsPage, wanted: Callable[[QTreeWidgetItem], bool], qtbot: QtBot) -> None:
    """Opens place after place until one that is wanted is seen."""
    tree = page.browsing.tree
    seen = [tree.topLevelItem(at) for at in range(tree.topLevelItemCount())]
    for item in seen:  # grows while it is walked
        assert item is not None
        if item.childIndicatorPolicy() is None or item.text(0) in ("Server", "Types", "Views", "Aliases", "Locations"):
            continue
        if any(wanted(child) for child in below(item)):
            item.setSelected(True)
            return
        if item.childCount():
            item.setExpanded(True)
            qtbot.waitUntil(
                lambda item=item: not any(c.text(0) == "Reading …" for c in below(item)), timeout=PATIENCE_MS
            )
            if sum(wanted(child) for child in below(item)) >= 3:
                item.setSelected(True)
                return
            seen += below(item)
    raise AssertionError("no variables were found")


def test_nodes_of_an_unknown_server_are_on_a_trend(line: Line, panel: Panel, qtbot: QtBot) -> None:
    errors: list[str] = []
    panel.stores.commands.sign_in("engineer", PASSWORD, errors.append)
    qtbot.waitUntil(lambda: bool(errors), timeout=PATIENCE_MS)
    assert errors == [""]
    panel.window.guide.go(Place(Kind.CONNECTIONS))
    page = panel.window.guide.page
    assert isinstance(page, ConnectionsPage)
    driver = page.findChild(QComboBox, "driver")
    assert driver is not None
    qtbot.waitUntil(lambda: page.is_ready() and driver.findData("opcua") >= 0, timeout=PATIENCE_MS)

    press(page, "New connection", qtbot)
    type_in(page, "name", "unknown", qtbot)
    driver.setCurrentIndex(driver.findData("opcua"))
    type_in(page, "endpoint", f"opc.tcp://127.0.0.1:{line.ports['process']}", qtbot)
    press(page, "Save", qtbot)
    qtbot.waitUntil(lambda: said(page, "state").startswith("Connected"), timeout=PATIENCE_MS)

    page.tabs.setCurrentWidget(page.browsing)
    tree = page.browsing.tree
    qtbot.waitUntil(lambda: tree.topLevelItemCount() > 0, timeout=PATIENCE_MS)
    open_up(page, lambda item: item.text(1) == "float", qtbot)
    press(page, "Tick all shown below", qtbot)
    press(page, "Add ticked", qtbot)
    model = page.browsing.model
    made = [document["path"] for document in model.documents]
    assert len(made) >= 3
    high = model.headings.index("alarms.H.limit")
    first_float = next(row for row, document in enumerate(model.documents) if document["type"] == "float")
    model.setData(model.index(first_float, high), "1000000")
    press(page, "Create", qtbot)
    qtbot.waitUntil(lambda: said(page.browsing) not in ("", "Creating …"), timeout=PATIENCE_MS)
    assert "run now" in said(page.browsing), (said(page.browsing), made)

    press(page, "Show on a trend", qtbot)
    values = panel.stores.values
    binding = values.bind(made, lambda _changed: None)
    qtbot.waitUntil(lambda: all(values.shown(path).time for path in made), timeout=PATIENCE_MS)
    info = values.shown(made[first_float]).info
    assert info is not None
    assert info.limits == {"H": 1000000.0}
    binding.close()

    # What was made is in the project's files, and runs again after a restart.
    assert {tag["path"] for tag in line.tags()} >= set(made)
