"""Edits of many tags at once, shown before they are made, and taken back after."""

from hmi.core.bulk.alarm_word import alarm_word
from hmi.core.bulk.copies import Pattern, copies
from hmi.core.bulk.fill import filled_down, with_cell
from hmi.core.bulk.limits import with_kinds, without_limit
from hmi.core.bulk.replace import Search, replaced
from hmi.core.bulk.undo import Step, UndoStack

__all__ = [
    "Pattern",
    "Search",
    "Step",
    "UndoStack",
    "alarm_word",
    "copies",
    "filled_down",
    "replaced",
    "with_cell",
    "with_kinds",
    "without_limit",
]
