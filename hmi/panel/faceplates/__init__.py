"""Faceplates: one tag close up - value, limits, trend, alarms - and the two steps to another setpoint."""

from hmi.panel.faceplates.faceplate import Faceplate

__all__ = ["Faceplate"]
