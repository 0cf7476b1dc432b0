"""Displays: live line diagrams drawn from the project's documents."""

from hmi.panel.displays.page import DisplayPage

__all__ = ["DisplayPage"]
