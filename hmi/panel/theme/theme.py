"""Colours by role: grey is normal, saturated colour is reserved for the abnormal, so nothing names a colour itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from PySide6.QtGui import QColor, QPalette

from hmi.panel.theme.sheet import SHEET


@dataclass(frozen=True, slots=True)
class AlarmColour:
    """How one priority is painted: its fill and the digit on it."""

    fill: str
    digit: str


@dataclass(frozen=True, slots=True)
class Theme:
    """One room's colours, as `#RRGGBB` by role; contrasts are tested: use roles in the pairs they are made for."""

    name: str
    """`light` or `dark`."""
    background: str
    """Display area."""
    panel: str
    """Faceplates, bars, tables, buttons."""
    text: str
    text_secondary: str
    """Units, labels of second rank, last usable values."""
    line: str
    """Lines and equipment outlines; never text."""
    value: str
    """Live values."""
    running: str
    """Fill of running equipment (with outline)."""
    stopped: str
    """Fill of stopped equipment (with outline)."""
    focus: str
    """Focus ring and selection, 2 px."""
    outline: str
    """2 px around every alarm marker."""
    alarm: Mapping[int, AlarmColour]
    """By priority 1 (highest) to 4."""

    def colour(self, role: str) -> QColor:
        """The colour of a role by its field name.

        Raises:
            AttributeError: no such role.
        """
        return QColor(str(getattr(self, role)))

    def palette(self) -> QPalette:
        """The Qt palette of this theme, for the Fusion style."""
        palette = QPalette()
        for role, name in _PALETTE:
            palette.setColor(role, self.colour(name))
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.colour("line"))
        return palette

    def stylesheet(self, points: float = 10.0) -> str:
        """The style sheet with borders, focus rings and target sizes, for text of so many points."""
        sheet = SHEET.replace("@title@", f"{1.3 * points:.1f}")
        for name in _SHEET_ROLES:
            sheet = sheet.replace(f"@{name}@", str(getattr(self, name)))
        return sheet


_Role: Final = QPalette.ColorRole
_PALETTE: Final = (
    (_Role.Window, "background"),
    (_Role.WindowText, "text"),
    (_Role.Base, "panel"),
    (_Role.AlternateBase, "background"),
    (_Role.Text, "text"),
    (_Role.Button, "panel"),
    (_Role.ButtonText, "text"),
    (_Role.BrightText, "text"),
    (_Role.ToolTipBase, "panel"),
    (_Role.ToolTipText, "text"),
    (_Role.PlaceholderText, "text_secondary"),
    (_Role.Highlight, "line"),
    (_Role.HighlightedText, "panel"),
    (_Role.Link, "value"),
    (_Role.Mid, "line"),
    (_Role.Dark, "line"),
    (_Role.Light, "panel"),
)
_SHEET_ROLES: Final = ("background", "panel", "text_secondary", "text", "line", "value", "focus", "outline")


def _alarms(*pairs: tuple[str, str]) -> Mapping[int, AlarmColour]:
    return MappingProxyType({n: AlarmColour(*pair) for n, pair in enumerate(pairs, start=1)})


LIGHT: Final = Theme(
    name="light",
    background="#C8C8C8",
    panel="#D9D9D9",
    text="#1A1A1A",
    text_secondary="#4A4A4A",
    line="#6E6E6E",
    value="#00305F",
    running="#F2F2F2",
    stopped="#7D7D7D",
    focus="#0A5FC4",
    outline="#1A1A1A",
    alarm=_alarms(("#C00000", "#FFFFFF"), ("#F07800", "#000000"), ("#FFE100", "#000000"), ("#C04AA8", "#000000")),
)
"""A lit control room (300-500 lx at the desk)."""

DARK: Final = Theme(
    name="dark",
    background="#2B2B2B",
    panel="#363636",
    text="#E6E6E6",
    text_secondary="#B4B4B4",
    line="#8C8C8C",
    value="#BFE3F2",
    running="#BEBEBE",
    stopped="#1E1E1E",
    focus="#4DA3FF",
    outline="#E6E6E6",
    alarm=_alarms(("#FF5050", "#000000"), ("#F59B23", "#000000"), ("#FFE100", "#000000"), ("#D08CE6", "#000000")),
)
"""A dim room (below 100 lx)."""

THEMES: Final[Mapping[str, Theme]] = MappingProxyType({t.name: t for t in (LIGHT, DARK)})
"""Both themes by name."""
