"""The parts of a moving analog indicator: track, normal band, limits, setpoint and pointer along one axis."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF

from hmi.core.look import Mark
from hmi.link.messages import TagInfo
from hmi.panel.painting.ink import Ink
from hmi.panel.painting.scene import Scene


@dataclass(frozen=True, slots=True)
class Axis:
    """A track and the direction in which the value rises."""

    track: QRectF
    upright: bool

    def at(self, share: float) -> float:
        """Coordinate of a share of the range, clamped to the track."""
        share = min(max(share, 0.0), 1.0)
        if self.upright:
            return self.track.bottom() - share * self.track.height()
        return self.track.left() + share * self.track.width()

    def span(self, low: float, high: float) -> QRectF:
        """The part of the track between two shares."""
        a, b = self.at(low), self.at(high)
        if self.upright:
            return QRectF(self.track.x(), b, self.track.width(), a - b)
        return QRectF(a, self.track.y(), b - a, self.track.height())

    def triangle(self, share: float, size: float, *, before: bool) -> list[tuple[float, float]]:
        """A triangle whose tip touches the track; `before` puts it left of or above it."""
        at, t = self.at(share), self.track
        if self.upright:
            x, back = (t.left(), -size) if before else (t.right(), size)
            return [(x, at), (x + back, at - size * 0.6), (x + back, at + size * 0.6)]
        y, back = (t.top(), -size) if before else (t.bottom(), size)
        return [(at, y), (at - size * 0.6, y + back), (at + size * 0.6, y + back)]


def share_of(value: float | None, info: TagInfo | None) -> float | None:
    """A number's place in the engineering range, unclamped."""
    if value is None or info is None or info.low is None or info.high is None or info.high <= info.low:
        return None
    return (value - info.low) / (info.high - info.low)


def paint_track(ink: Ink, axis: Axis, info: TagInfo | None) -> None:
    """Track, band of normal operation, and a tick for every alarm limit."""
    ink.box(axis.track, "track", None)
    low = share_of(info.normal_low, info) if info else None
    high = share_of(info.normal_high, info) if info else None
    if low is not None and high is not None:
        ink.box(axis.span(low, high), "band", None)
    for limit in info.limits.values() if info else ():
        share = share_of(limit, info)
        if share is not None:
            _tick(ink, axis, share)
    ink.box(axis.track, None, "line", 1.0)


def _tick(ink: Ink, axis: Axis, share: float) -> None:
    at, t = axis.at(share), axis.track
    if axis.upright:
        ink.line(t.left(), at, t.right(), at, "text_secondary", 2)
    else:
        ink.line(at, t.top(), at, t.bottom(), "text_secondary", 2)


def paint_pointer(ink: Ink, axis: Axis, scene: Scene, path: str, setpoint: str = "") -> None:
    """The pointer, and the hollow triangle of the setpoint; nothing for a value that must not be read."""
    found, shown, share = scene.look(path), scene.shown(path), scene.share(path)
    if not found.shows_value:
        if found.mark is not Mark.WAITING:
            ink.hatch(axis.track)
        return
    target = share_of(scene.number(setpoint), shown.info) if setpoint else None
    if target is not None:
        ink.shape(axis.triangle(target, 9 if axis.upright else 7, before=True), "panel", "text", 1.4)
    if share is None:
        return
    at, t = axis.at(share), axis.track
    if axis.upright:
        ink.line(t.left(), at, t.right(), at, "text", 2)
    else:
        ink.line(at, t.top(), at, t.bottom(), "text", 2)
    points = axis.triangle(share, 13 if axis.upright else 9, before=False)
    alarm = scene.alarm(path)
    if alarm is not None:
        ink.shape_alarm(points, alarm.priority)
    elif _inside(shown.value, shown.info):
        ink.shape(points, "text_secondary", "text_secondary", 1.6)
    else:
        ink.shape(points, "panel", "text", 2)
    if share < 0 or share > 1:
        _beyond(ink, axis, above=share > 1)


def _inside(value: float | str | None, info: TagInfo | None) -> bool:
    """Whether the value is in its normal band; without a band everything is normal."""
    if info is None or value is None or isinstance(value, str):
        return True
    above = info.normal_low is None or value >= info.normal_low
    return above and (info.normal_high is None or value <= info.normal_high)


def _beyond(ink: Ink, axis: Axis, *, above: bool) -> None:
    """An arrow head at the end of the track: the value is off the scale."""
    c, t = axis.track.center(), axis.track
    if axis.upright:
        y, d = (t.top(), -7) if above else (t.bottom(), 7)
        ink.shape([(c.x() - 6, y), (c.x() + 6, y), (c.x(), y + d)], "text", "text", 1)
    else:
        x, d = (t.right(), 7) if above else (t.left(), -7)
        ink.shape([(x, c.y() - 6), (x, c.y() + 6), (x + d, c.y())], "text", "text", 1)
