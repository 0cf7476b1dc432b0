"""The two looks of the panel: one for a light room, one for a dark one; both mean the same."""

from hmi.panel.theme.theme import DARK, LIGHT, THEMES, AlarmColour, Theme

__all__ = ["DARK", "LIGHT", "THEMES", "AlarmColour", "Theme"]
