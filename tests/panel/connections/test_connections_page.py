"""A new engineer connects a server, picks nodes, gives them limits, and sees them on a trend: with the panel alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QTreeWidgetItem, QWidget
from pytestqt.qtbot import QtBot

from hmi.link.messages import (
    CertificateRow,
    DeviceItem,
    DeviceValue,
    DriverInfo,
    ProjectChanged,
    SetSecret,
    TrustCertificate,
)
from hmi.panel.connections.page import NOT_ALLOWED, ConnectionsPage
from hmi.panel.main_window import MainWindow
from hmi.panel.places import Kind, Place
from tests.helpers_panel.fake_station import FakeStation
from tests.helpers_panel.memory import MemoryPanel


def variable(name: str, **more: object) -> DeviceItem:
    plain = {"type": "float", "unit": "%", "low": 0.0, "high": 100.0, "address": f"ns=2;s={name}"}
    return DeviceItem(f"n-{name}", name, "variable", below=False, **{**plain, **more})  # type: ignore[arg-type]


@pytest.fixture
def panel() -> MemoryPanel:
    station = FakeStation(passwords={"eva": ("wrench", "engineer"), "anna": ("bottle", "operator")})
    project = station.project
    project.put("connection", "packer", driver="modbus", endpoint="modbus://10.0.0.2:502", options={"unit": 3})
    project.devices["mixer", ""] = [DeviceItem("tank", "Tank", "folder", below=True)]
    project.devices["mixer", "tank"] = [variable("Level"), variable("Speed", unit="rpm", high=1500.0), variable("Flow")]
    return MemoryPanel(station)


@pytest.fixture
def window(panel: MemoryPanel, open_window: Callable[[MemoryPanel], MainWindow]) -> MainWindow:
    made = open_window(panel)
    panel.open()
    panel.settle()
    return made


def sign_in(panel: MemoryPanel, user: str) -> None:
    panel.stores.commands.sign_in(user, panel.station.passwords[user][0], str)
    panel.answer()


@pytest.fixture
def page(panel: MemoryPanel, window: MainWindow) -> ConnectionsPage:
    sign_in(panel, "eva")
    window.guide.go(Place(Kind.CONNECTIONS))
    panel.settle()
    made = window.guide.page
    assert isinstance(made, ConnectionsPage)
    assert made.is_ready()
    return made


def field(page: QWidget, name: str) -> QLineEdit:
    found = page.findChild(QLineEdit, name)
    assert isinstance(found, QLineEdit)
    return found


def press(page: QWidget, text: str, qtbot: QtBot) -> None:
    for button in page.findChildren(QPushButton):
        if button.text().startswith(text) and button.isVisible():
            assert button.isEnabled(), text
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
            return
    raise AssertionError(f"no button {text}")


def sentence(part: QWidget) -> str:
    label = part.findChild(QLabel, "sentence")
    assert isinstance(label, QLabel)
    return label.text()


def new_mixer(page: ConnectionsPage, panel: MemoryPanel, qtbot: QtBot) -> None:
    press(page, "New connection", qtbot)
    qtbot.keyClicks(field(page, "name"), "mixer")
    qtbot.keyClicks(field(page, "endpoint"), "opc.tcp://10.0.0.1:4840")
    press(page, "Save", qtbot)
    panel.settle()


def browsed(page: ConnectionsPage, panel: MemoryPanel) -> QTreeWidgetItem:
    page.tabs.setCurrentWidget(page.browsing)
    panel.settle()
    tank = page.browsing.tree.topLevelItem(0)
    assert tank is not None
    tank.setExpanded(True)
    panel.settle()
    return tank


def test_an_operator_sees_why_not(window: MainWindow, panel: MemoryPanel) -> None:
    sign_in(panel, "anna")
    window.guide.go(Place(Kind.CONNECTIONS))
    panel.settle()
    page = window.guide.page
    assert isinstance(page, ConnectionsPage)
    assert page.findChild(QLabel, "state").text() == NOT_ALLOWED
    assert not page.findChild(QPushButton, "new").isEnabled()
    assert not page.tabs.isTabEnabled(1)


def test_a_connection_is_shown_as_it_is(page: ConnectionsPage) -> None:
    assert field(page, "name").text() == "packer"
    assert field(page, "endpoint").text() == "modbus://10.0.0.2:502"
    assert page.settings.document() == {"driver": "modbus", "endpoint": "modbus://10.0.0.2:502", "options": {"unit": 3}}


def test_a_connection_is_made_with_the_driver_s_own_form(
    page: ConnectionsPage, panel: MemoryPanel, qtbot: QtBot
) -> None:
    press(page, "New connection", qtbot)
    qtbot.keyClicks(field(page, "name"), "mixer")
    qtbot.keyClicks(field(page, "endpoint"), "opc.tcp://10.0.0.1:4840")
    security = page.findChild(QComboBox, "option security")
    assert security is not None
    security.setCurrentText("Sign")
    qtbot.keyClicks(field(page, "option password"), "hush")
    press(page, "Save", qtbot)
    panel.settle()
    made = panel.station.project.document("connection", "mixer")
    assert made == {"driver": "opcua", "endpoint": "opc.tcp://10.0.0.1:4840", "options": {"security": "Sign"}}
    [secret] = [c for c in panel.station.project.commands if isinstance(c, SetSecret)]
    assert (secret.connection, secret.name, secret.value) == ("mixer", "password", "hush")
    assert field(page, "option password").text() == ""
    assert field(page, "name").text() == "mixer"


def test_a_refusal_stands_below_the_form_and_keeps_what_was_typed(
    page: ConnectionsPage, panel: MemoryPanel, qtbot: QtBot
) -> None:
    panel.station.project.wrong["mixer"] = ("endpoint", "is no OPC UA endpoint")
    new_mixer(page, panel, qtbot)
    assert sentence(page.settings) == "endpoint: is no OPC UA endpoint"
    assert field(page, "endpoint").text() == "opc.tcp://10.0.0.1:4840"


def test_a_nameless_connection_is_not_sent(page: ConnectionsPage, panel: MemoryPanel, qtbot: QtBot) -> None:
    press(page, "New connection", qtbot)
    press(page, "Save", qtbot)
    panel.settle()
    assert panel.station.project.edited == []
    assert sentence(page.settings) == "Give the connection a name."


def test_what_somebody_else_changed_is_shown_not_overwritten(
    page: ConnectionsPage, panel: MemoryPanel, qtbot: QtBot
) -> None:
    panel.station.project.put("connection", "packer", driver="modbus", endpoint="modbus://10.0.0.9:502")
    field(page, "description").setText("mine")
    press(page, "Save", qtbot)
    panel.settle()
    assert field(page, "endpoint").text() == "modbus://10.0.0.9:502"
    assert sentence(page.settings).startswith("Somebody else has changed this connection")


def test_a_connection_is_deleted(page: ConnectionsPage, panel: MemoryPanel, qtbot: QtBot) -> None:
    press(page, "Delete", qtbot)
    panel.settle()
    assert ("connection", "packer") not in panel.station.project.records


def test_a_driver_that_cannot_be_used_says_why(page: ConnectionsPage, panel: MemoryPanel) -> None:
    broken = DriverInfo("s7", "Siemens S7", error="Driver 's7' cannot be loaded.")
    page.settings.show_drivers([broken])
    page.settings.show_record(None)
    assert sentence(page.settings) == "Driver 's7' cannot be loaded."


def test_nodes_become_tags_with_limits_on_a_trend(
    page: ConnectionsPage, window: MainWindow, panel: MemoryPanel, qtbot: QtBot
) -> None:
    new_mixer(page, panel, qtbot)
    tank = browsed(page, panel)
    assert [tank.child(at).text(0) for at in range(tank.childCount())] == ["Level", "Speed", "Flow"]
    tank.setSelected(True)
    press(page, "Tick all shown below", qtbot)
    press(page, "Add ticked (3)", qtbot)
    browsing = page.browsing
    assert [document["path"] for document in browsing.model.documents] == [
        f"mixer/Tank/{name}" for name in ("Level", "Speed", "Flow")
    ]
    high = browsing.model.headings.index("alarms.H.limit")
    browsing.table.setFocus()
    browsing.model.setData(browsing.model.index(0, high), "80")
    for row in range(3):
        browsing.table.selectionModel().select(
            browsing.model.index(row, high), browsing.table.selectionModel().SelectionFlag.Select
        )
    qtbot.keyClick(browsing.table, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    press(page, "Create 3 tags", qtbot)
    panel.settle()
    tags = [panel.station.project.document(kind, key) for kind, key in panel.station.project.records if kind == "tag"]
    assert [tag["alarms"] for tag in tags] == [
        [{"id": "H", "kind": "H", "limit": 80, "message": f"Tank {name} high"}] for name in ("Level", "Speed", "Flow")
    ]
    assert tags[1]["unit"] == "rpm"
    assert sentence(browsing) == "3 tags run now."
    with qtbot.waitSignal(page.context.navigator.trend_wanted) as wanted:
        press(page, "Show on a trend", qtbot)
    assert wanted.args == [[f"mixer/Tank/{name}" for name in ("Level", "Speed", "Flow")]]


def test_what_the_station_refuses_is_marked_in_its_cell(
    page: ConnectionsPage, panel: MemoryPanel, qtbot: QtBot
) -> None:
    new_mixer(page, panel, qtbot)
    tank = browsed(page, panel)
    tank.child(0).setCheckState(0, Qt.CheckState.Checked)
    press(page, "Add ticked (1)", qtbot)
    uid = page.browsing.model.documents[0]["uid"]
    panel.station.project.wrong[uid] = ("path", "'mixer/Tank/Level' is already used by another tag")
    press(page, "Create tag", qtbot)
    panel.settle()
    model = page.browsing.model
    assert (
        model.data(model.index(0, 0), Qt.ItemDataRole.ToolTipRole)
        == "'mixer/Tank/Level' is already used by another tag"
    )
    assert "Row 1, path" in sentence(page.browsing)


def test_nonsense_in_a_cell_stays_to_be_mended(page: ConnectionsPage, panel: MemoryPanel, qtbot: QtBot) -> None:
    new_mixer(page, panel, qtbot)
    tank = browsed(page, panel)
    tank.child(0).setCheckState(0, Qt.CheckState.Checked)
    press(page, "Add ticked (1)", qtbot)
    model = page.browsing.model
    low = model.headings.index("range.low")
    model.setData(model.index(0, low), "1,5")
    assert model.text(0, low) == "1,5"
    assert "write the fraction with a point" in model.nonsense[0][2]
    create = next(b for b in page.findChildren(QPushButton) if b.text() == "Create tag")
    assert not create.isEnabled()
    model.setData(model.index(0, low), "1.5")
    assert create.isEnabled()


def test_variables_are_dragged_into_the_table(page: ConnectionsPage, panel: MemoryPanel, qtbot: QtBot) -> None:
    new_mixer(page, panel, qtbot)
    tank = browsed(page, panel)
    tank.child(1).setSelected(True)
    tree, table = page.browsing.tree, page.browsing.table
    data = tree.mimeData([tank.child(1)])
    drop = QDropEvent(
        QPointF(QPoint(5, 5)),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    table.dropEvent(drop)
    assert drop.isAccepted()
    assert [document["path"] for document in page.browsing.model.documents] == ["mixer/Tank/Speed"]


def test_an_address_is_read_before_the_tag_is_made(page: ConnectionsPage, panel: MemoryPanel, qtbot: QtBot) -> None:
    panel.station.project.readings["mixer", "ns=2;s=Level"] = DeviceValue(0, 42.5, 0, 1)
    new_mixer(page, panel, qtbot)
    tank = browsed(page, panel)
    tank.child(0).setCheckState(0, Qt.CheckState.Checked)
    press(page, "Add ticked (1)", qtbot)
    press(page, "Test read", qtbot)
    panel.answer()
    assert sentence(page.browsing) == "The device says 42.5."


def test_a_device_that_does_not_answer_says_so(page: ConnectionsPage, panel: MemoryPanel) -> None:
    page.tabs.setCurrentWidget(page.browsing)
    panel.settle()
    assert sentence(page.browsing) == "packer does not answer."


def test_a_certificate_is_trusted_by_a_person(page: ConnectionsPage, panel: MemoryPanel, qtbot: QtBot) -> None:
    row = CertificateRow("ab" * 32, "CN=PLC", "urn:plc", "CN=PLC", 0, 1_900_000_000 * 10**9, trusted=False)
    panel.station.project.certificates = [row]
    page.tabs.setCurrentWidget(page.certificates)
    panel.answer()
    page.certificates.table.selectRow(0)
    assert sentence(page.certificates) == f"SHA-256 {':'.join(['abab'] * 16)}"
    press(page, "Trust", qtbot)
    panel.answer()
    [command] = [c for c in panel.station.project.commands if isinstance(c, TrustCertificate)]
    assert (command.driver, command.thumbprint, command.trust) == ("modbus", "ab" * 32, True)


def test_what_is_typed_and_opened_stays_when_something_else_of_the_project_changes(
    page: ConnectionsPage, panel: MemoryPanel, qtbot: QtBot
) -> None:
    new_mixer(page, panel, qtbot)
    tank = browsed(page, panel)
    tank.child(0).setCheckState(0, Qt.CheckState.Checked)
    qtbot.keyClicks(field(page, "description"), "half typed")
    panel.stores.receive(ProjectChanged("r9", [1]))
    panel.settle()
    assert field(page, "description").text() == "half typed"
    assert len(page.browsing.tree.picked()) == 1
