"""The style sheet behind both themes; `@role@` stands for a theme's colour.

Pointer targets are at least 24 px, focus is a 2 px ring, and no rule here uses an alarm colour.
"""

from __future__ import annotations

from typing import Final

SHEET: Final = """
QWidget { color: @text@; }
QMainWindow, QDialog, Page { background: @background@; }
QToolTip { background: @panel@; color: @text@; border: 1px solid @line@; padding: 3px; }
QLabel[role="secondary"] { color: @text_secondary@; }
QLabel[role="value"] { color: @value@; }
QLabel[role="title"] { font-size: @title@pt; font-weight: bold; }
QFrame[role="panel"] { background: @panel@; border: 1px solid @line@; }
QFrame[role="bar"] { background: @panel@; border: none; }
QPushButton, QToolButton {
    background: @panel@; border: 1px solid @line@; border-radius: 2px; padding: 3px 10px; min-height: 20px; margin: 1px;
}
QPushButton:hover, QToolButton:hover { border-color: @text@; }
QPushButton:pressed, QToolButton:pressed, QPushButton:checked, QToolButton:checked {
    background: @background@; border-color: @text@;
}
QPushButton:disabled, QToolButton:disabled { color: @line@; }
QPushButton[unavailable="true"] { color: @text_secondary@; background: transparent; border-color: transparent; }
QPushButton:focus, QToolButton:focus { border: 2px solid @focus@; padding: 2px 9px; }
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QDateTimeEdit, QPlainTextEdit {
    background: @panel@; border: 1px solid @line@; border-radius: 2px; padding: 2px 6px; min-height: 22px;
    selection-background-color: @text_secondary@; selection-color: @panel@;
}
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QDateTimeEdit:focus, QPlainTextEdit:focus {
    border: 2px solid @focus@; padding: 1px 5px;
}
QLineEdit QToolButton { background: transparent; border: none; padding: 0; margin: 0; min-height: 0; }
QTableView, QTreeView, QListView {
    background: @panel@; alternate-background-color: @panel@; border: 1px solid @line@; gridline-color: @background@;
    selection-background-color: @background@; selection-color: @text@; outline: none;
}
QTableView:focus, QTreeView:focus, QListView:focus { border: 2px solid @focus@; }
QTreeView::item { padding-right: 4px; }
QTreeView::item:selected, QListView::item:selected { background: @background@; color: @text@; }
QTreeView::item:hover { background: @background@; }
QTableView::item:selected { background: @background@; color: @text@; }
QTableView::item:focus { border: 1px solid @focus@; }
QHeaderView { background: @panel@; }
QHeaderView::section {
    background: @background@; color: @text@;
    border: none; border-right: 1px solid @line@; border-bottom: 1px solid @line@;
    padding: 4px 6px;
}
QTabWidget::pane { border: 1px solid @line@; top: -1px; }
QTabBar::tab { background: @panel@; border: 1px solid @line@; padding: 5px 14px; min-height: 18px; margin-right: 2px; }
QTabBar::tab:selected { background: @background@; border-bottom-color: @background@; font-weight: bold; }
QTabBar::tab:focus { border: 2px solid @focus@; }
QScrollBar:vertical { background: @background@; width: 14px; margin: 0; }
QScrollBar:horizontal { background: @background@; height: 14px; margin: 0; }
QScrollBar::handle { background: @panel@; border: 1px solid @line@; min-height: 28px; min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QMenu { background: @panel@; border: 1px solid @line@; }
QMenu::item { padding: 5px 22px; }
QMenu::item:selected { background: @background@; color: @text@; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }
QSplitter::handle { background: @line@; }
QStatusBar::item { border: none; }
"""
