"""PySide6 gives back the references it takes: 6.12.0 does not on Python 3.11, and ends the process within minutes.

This is the gate for every change of the pinned version.
"""

import sys

import pytest
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

ROUNDS = [1_000, pytest.param(100_000, marks=[pytest.mark.soak, pytest.mark.timeout(600)])]
# Other code of the process takes and gives references meanwhile; a fault would lose one a round.
NOISE = 100


class Lamp(QWidget):
    """Paints as a symbol does; every round passes through a virtual method that answers None."""

    painted = 0

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.drawRect(self.rect())
        painter.end()
        self.painted += 1


class Sender(QObject):
    """Emits as a store does."""

    changed = Signal(bool)
    nothing = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.received = 0
        self.changed.connect(self.receive)
        self.nothing.connect(self.receive)

    @Slot()
    @Slot(bool)
    def receive(self, _value: bool = True) -> None:
        self.received += 1


def counts() -> dict[str, int]:
    return {str(constant): sys.getrefcount(constant) for constant in (None, True, False)}


def assert_none_lost(before: dict[str, int], rounds: int) -> None:
    lost = {name: before[name] - now for name, now in counts().items()}
    assert not {name: n for name, n in lost.items() if n > NOISE}, f"references lost in {rounds} rounds: {lost}"


pytestmark = pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and True are never freed from Python 3.12 on")


@pytest.mark.parametrize("rounds", ROUNDS)
def test_repaints_lose_no_reference(qtbot, rounds):
    lamp = Lamp()
    qtbot.addWidget(lamp)
    picture = QImage(16, 16, QImage.Format.Format_RGB32)
    lamp.render(picture)
    before = counts()
    for _ in range(rounds):
        lamp.render(picture)
    assert lamp.painted == rounds + 1
    assert_none_lost(before, rounds)


@pytest.mark.parametrize("rounds", ROUNDS)
def test_signals_lose_no_reference(qapp, rounds):
    sender = Sender()
    sender.changed.emit(True)
    before = counts()
    for _ in range(rounds):
        sender.changed.emit(True)
        sender.nothing.emit()
    assert sender.received == 2 * rounds + 1
    assert_none_lost(before, rounds)


@pytest.mark.parametrize("rounds", ROUNDS)
def test_properties_and_parents_lose_no_reference(qapp, rounds):
    sender = Sender()
    before = counts()
    for _ in range(rounds):
        assert sender.parent() is None
        assert sender.property("absent") is None
    assert_none_lost(before, rounds)
