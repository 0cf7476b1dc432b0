"""The navigation tree: displays as the plant hangs together, each with the worst alarm of all that is below it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTreeWidget, QTreeWidgetItem, QWidget

from hmi.link.messages import AlarmRow
from hmi.panel.places import Kind, Place
from hmi.panel.stores import Stores
from hmi.panel.stores.roll_up import STATION
from hmi.panel.theme import Theme
from hmi.panel.widgets.alarm_marker import MARKER_SIZE, paint_alarm_marker

PLACE: Final = Qt.ItemDataRole.UserRole
ROLL_UP: Final = Qt.ItemDataRole.UserRole + 1

PAGES: Final = (
    (Kind.TREND, "Trends", "F4"),
    (Kind.ALARMS, "Alarms", "F3"),
    (Kind.TAGS, "Tags", "Ctrl+F"),
    (Kind.CONNECTIONS, "Connections", ""),
    (Kind.DIAGNOSTICS, "Diagnostics", ""),
)

_Index = QModelIndex | QPersistentModelIndex


class NavigationTree(QTreeWidget):
    """Every place of the panel."""

    wanted = Signal(object)
    """A `Place`."""

    def __init__(self, stores: Stores, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._stores = stores
        self._items: dict[Place, QTreeWidgetItem] = {}
        self._delegate = _RollUpDelegate(theme, self)
        self.setItemDelegate(self._delegate)
        self.setHeaderHidden(True)
        self.setColumnCount(1)
        self.setIndentation(14)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Pages")
        self.itemClicked.connect(self._on_item)
        self.itemActivated.connect(self._on_item)
        self.rebuild()

    def rebuild(self) -> None:
        """Shows the displays the station has."""
        atlas = self._stores.atlas
        current = self.currentItem()
        here = current.data(0, PLACE) if current is not None else None
        self.clear()
        self._items.clear()
        known = {d.name for d in atlas.displays}
        for display in atlas.displays:
            if display.parent not in known or display.parent == display.name:
                self._add_display(display.name, None)
        for kind, title, key in PAGES:
            self._add(Place(kind), f"{title}   {key}".rstrip(), None)
        self.expandAll()
        self.refresh()
        if here is not None:
            self.show_place(Place(*here))

    def refresh(self) -> None:
        """Rolls the alarms up."""
        stores = self._stores
        if self._delegate.live is not stores.alarms_live:
            self._delegate.live = stores.alarms_live
            self.viewport().update()
        for place, item in self._items.items():
            if place.kind is Kind.DISPLAY:
                item.setData(0, ROLL_UP, _summary(stores.roll_up.of(place.name)))
            elif place.kind is Kind.ALARMS:
                item.setData(0, ROLL_UP, _summary(stores.alarms.rows()))
            elif place.kind is Kind.DIAGNOSTICS:
                item.setData(0, ROLL_UP, _summary(stores.roll_up.of(STATION)))

    def show_place(self, place: Place) -> None:
        """Marks where the person is."""
        item = self._items.get(place)
        if item is not None:
            self.setCurrentItem(item)

    def set_lit(self, lit: bool) -> None:
        """Flashes the markers of what is unacknowledged."""
        self._delegate.lit = lit
        self.viewport().update()

    def set_theme(self, theme: Theme) -> None:
        """Paints with these colours from now on."""
        self._delegate.theme = theme
        self.viewport().update()

    def _add_display(self, name: str, parent: QTreeWidgetItem | None) -> None:
        place = Place(Kind.DISPLAY, name)
        if place in self._items:
            return
        title = self._stores.atlas.title(name)
        item = self._add(place, title.partition(":")[0], parent)  # "Utilities: air, steam" is a name and a remark
        item.setToolTip(0, title)
        for child in self._stores.atlas.displays:
            if child.parent == name and child.name != name:
                self._add_display(child.name, item)

    def _add(self, place: Place, title: str, parent: QTreeWidgetItem | None) -> QTreeWidgetItem:
        item = QTreeWidgetItem([title])
        if parent is None:
            self.addTopLevelItem(item)
        else:
            parent.addChild(item)
        item.setData(0, PLACE, place)
        item.setToolTip(0, title)
        self._items[place] = item
        return item

    def _on_item(self, item: QTreeWidgetItem) -> None:
        place = item.data(0, PLACE)
        if place is not None:
            self.wanted.emit(Place(*place))


def _summary(rows: tuple[AlarmRow, ...]) -> tuple[int, str, int] | None:
    """(priority, state, how many); rows come worst first."""
    return (rows[0].priority, rows[0].state, len(rows)) if rows else None


class _RollUpDelegate(QStyledItemDelegate):
    """Paints an item with its roll-up at the right edge."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.lit = True
        self.live = False
        """Whether the counts are of this moment; a last known one carries a question mark."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        roll_up = index.data(ROLL_UP)
        if roll_up is None:
            super().paint(painter, option, index)
            return
        priority, state, count = roll_up
        size = max(MARKER_SIZE, option.fontMetrics.height())
        text = QStyleOptionViewItem(option)
        room = size + 16 + option.fontMetrics.horizontalAdvance("00?")
        whole = QRectF(option.rect)
        text.rect = option.rect.adjusted(0, 0, -room, 0)
        super().paint(painter, text, index)
        area = QRectF(whole.right() - room + 4, whole.center().y() - size / 2, size, size)
        paint_alarm_marker(painter, area, self.theme, int(priority), str(state), lit=self.lit)
        painter.save()
        painter.setPen(self.theme.colour("text"))
        rest = QRectF(area.right() + 4, whole.top(), room - size - 8, whole.height())
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, str(count) if self.live else f"{count}?")
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802 - Qt's name
        return super().sizeHint(option, index).expandedTo(QSize(0, option.fontMetrics.height() + 12))
