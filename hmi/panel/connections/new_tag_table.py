"""The table of tags to be made: variables dragged out of the device's directory become rows of it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from hmi.panel.connections.browse_tree import NODES
from hmi.panel.widgets.document_model import DocumentModel
from hmi.panel.widgets.document_table import DocumentTable


class NewTagTable(DocumentTable):
    """Takes variables of the tree beside it, and nothing else."""

    dropped = Signal(list)
    """Addresses."""

    def __init__(self, model: DocumentModel, widths: Sequence[int], parent: QWidget) -> None:
        super().__init__(model, widths, parent)
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Shows whether the table takes it."""
        if event.mimeData().hasFormat(NODES):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802 - Qt's name
        """Anywhere in the table is right."""
        if event.mimeData().hasFormat(NODES):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """The rows are made by who knows the tree."""
        if event.mimeData().hasFormat(NODES):
            event.acceptProposedAction()
            self.dropped.emit(json.loads(bytes(event.mimeData().data(NODES).data())))
