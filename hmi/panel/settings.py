"""What this PC remembers for its person: theme and window. Nothing of the plant is kept here."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings

from hmi.panel.theme import LIGHT, THEMES, Theme


class Settings:
    """The panel's own settings in the user's configuration folder."""

    def __init__(self, *, remember: bool = True) -> None:
        """Without `remember` nothing is read or written: pictures look the same whoever had a panel open before."""
        self._remember = remember
        self._store = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "lineside", "panel")

    @property
    def theme(self) -> Theme:
        """The theme last chosen, light at first."""
        return THEMES.get(str(self._store.value("theme", LIGHT.name)), LIGHT) if self._remember else LIGHT

    def set_theme(self, theme: Theme) -> None:
        """Remembers the theme."""
        if self._remember:
            self._store.setValue("theme", theme.name)

    @property
    def geometry(self) -> QByteArray:
        """Where the window was; empty at first."""
        kept = self._store.value("geometry") if self._remember else None
        return kept if isinstance(kept, QByteArray) else QByteArray()

    def set_geometry(self, geometry: QByteArray) -> None:
        """Remembers where the window is."""
        if self._remember:
            self._store.setValue("geometry", geometry)
            self._store.sync()
