"""A device's own directory as a tree: read where it is opened, variables picked with a tick or dragged out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Final

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from hmi.link.messages import DeviceItem
from hmi.panel.connections.making import Picked
from hmi.panel.widgets.scale import scaled

ITEM: Final = Qt.ItemDataRole.UserRole
NAME_WIDTH: Final = 190
READ: Final = Qt.ItemDataRole.UserRole + 1
"""Whether the places below are known."""
NODES: Final = "application/x-lineside-nodes"
"""Dragged variables: JSON list of rows in the tree's own order."""

Ask = Callable[[str, Callable[[list[DeviceItem], str], None]], None]
"""(node, what to do with its places or with the sentence why there are none)."""


class BrowseTree(QTreeWidget):
    """Places of one device."""

    picked_changed = Signal()
    said = Signal(str)
    """Why a place could not be read; empty: it was."""

    def __init__(self, ask: Ask, parent: QWidget) -> None:
        super().__init__(parent)
        self._ask = ask
        self._generation = 0
        self.setHeaderLabels(["Name", "Type", "Unit", "Range", "Description"])
        self.setAccessibleName("Places of the device")
        self.setUniformRowHeights(True)
        self.setDragEnabled(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        header = self.header()
        for column in range(1, 4):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self.setColumnWidth(0, scaled(self, NAME_WIDTH))
        self.setIndentation(scaled(self, 16))
        self.itemExpanded.connect(self._on_expanded)
        self.itemChanged.connect(self._on_changed)

    def begin(self) -> None:
        """Forgets everything and reads the top anew."""
        self._generation += 1
        self.clear()
        self._read(self.invisibleRootItem(), "")
        self.picked_changed.emit()

    def picked(self) -> list[Picked]:
        """The ticked variables, from top to bottom."""
        return [self._picked(item) for item in self._variables() if item.checkState(0) is Qt.CheckState.Checked]

    def marked(self) -> list[Picked]:
        """The selected variables, from top to bottom: what a drag carries."""
        return [self._picked(item) for item in self._variables() if item.isSelected()]

    def tick_below(self) -> None:
        """Ticks every variable that is shown below the selected places, or the selected variables themselves."""
        for item in self.selectedItems():
            for each in (item, *_below(item)):
                if each.flags() & Qt.ItemFlag.ItemIsUserCheckable:
                    each.setCheckState(0, Qt.CheckState.Checked)

    def untick(self) -> None:
        """Picks nothing."""
        for item in self._variables():
            item.setCheckState(0, Qt.CheckState.Unchecked)

    def mimeTypes(self) -> list[str]:  # noqa: N802 - Qt's name
        """What a drag carries."""
        return [NODES]

    def mimeData(self, items: list[QTreeWidgetItem]) -> QMimeData:  # type: ignore[override]  # noqa: N802 - Qt's name; the stub says Sequence
        """The addresses of the dragged variables: the same panel knows the rest."""
        data = QMimeData()
        addresses = [item.data(0, ITEM).address for item in items if item.data(0, ITEM).address]
        data.setData(NODES, json.dumps(addresses).encode())
        return data

    def _read(self, item: QTreeWidgetItem, node: str) -> None:
        generation = self._generation
        item.setData(0, READ, True)

        def came(found: list[DeviceItem], error: str) -> None:
            if generation == self._generation:
                if error:
                    item.setData(0, READ, False)
                else:
                    item.takeChildren()
                    item.addChildren([_row(each) for each in found])
                self.said.emit(error)

        self._ask(node, came)

    def _on_expanded(self, item: QTreeWidgetItem) -> None:
        if not item.data(0, READ):
            self._read(item, item.data(0, ITEM).node)

    def _on_changed(self, _item: QTreeWidgetItem, column: int) -> None:
        if column == 0:
            self.picked_changed.emit()

    def _variables(self) -> Iterator[QTreeWidgetItem]:
        for item in _below(self.invisibleRootItem()):
            if item.flags() & Qt.ItemFlag.ItemIsUserCheckable:
                yield item

    def _picked(self, item: QTreeWidgetItem) -> Picked:
        names = [item.text(0)]
        above = item.parent()
        while above is not None:
            names.append(above.text(0))
            above = above.parent()
        return Picked(tuple(reversed(names)), item.data(0, ITEM))


def _below(item: QTreeWidgetItem) -> Iterator[QTreeWidgetItem]:
    for at in range(item.childCount()):
        child = item.child(at)
        if child is not None and child.data(0, ITEM) is not None:
            yield child
            yield from _below(child)


def _row(place: DeviceItem) -> QTreeWidgetItem:
    ends = f"{place.low:g} … {place.high:g}" if place.low is not None and place.high is not None else ""
    row = QTreeWidgetItem([place.name, place.type, place.unit, ends, place.description])
    row.setData(0, ITEM, place)
    row.setToolTip(0, place.address or place.node)
    flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
    if place.address:
        row.setFlags(flags | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsDragEnabled)
        row.setCheckState(0, Qt.CheckState.Unchecked)
    else:
        row.setFlags(flags)
    if place.below:
        row.addChild(QTreeWidgetItem(["Reading …"]))
    return row
