"""The demo's displays: only tags that exist, nothing over anything else, grey while all is well."""

import itertools

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from hmi.core.display import decode_display, paths
from hmi.core.element import Button, Frame, Pipe, Tank, Text, Unknown
from hmi.panel.displays.symbols.button import ButtonSymbol, one_click
from hmi.panel.painting.ink import Ink
from hmi.panel.theme import DARK, LIGHT
from tests.panel.pictures import DEMO, demo_infos, demo_station

FILES = sorted((DEMO / "displays").glob("*.json"))
NAMES = [file.stem for file in FILES]
BACKDROP = (Frame, Pipe, Text)


def display_of(name):
    return decode_display((DEMO / "displays" / f"{name}.json").read_bytes(), f"displays/{name}.json")


def test_the_four_displays_are_there():
    assert NAMES == ["overview", "packaging", "process", "utilities"]
    assert [display_of(name).level for name in NAMES] == [1, 2, 2, 2]
    assert all(display_of(name).parent == ("" if name == "overview" else "overview") for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_path_is_a_tag_of_the_demo(name):
    known = demo_infos()
    assert not {path for path in paths(display_of(name)) if path not in known}


@pytest.mark.parametrize("name", NAMES)
def test_buttons_and_setpoints_can_be_written(name):
    known = demo_infos()
    for element in display_of(name).elements:
        if element.__struct_config__.tag == "button" or getattr(element, "setpoint", False) is True:
            assert known[element.paths()[0]].writable, element.id


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_clipped_and_nothing_covers_anything(name):
    display = display_of(name)
    wide, high = display.size
    placed = [e for e in display.elements if not isinstance(e, BACKDROP)]
    assert not [e for e in display.elements if isinstance(e, Unknown)]
    for e in display.elements:
        assert e.x >= 0, e.id
        assert e.y >= 0, e.id
        assert e.x + e.w <= wide, e.id
        assert e.y + e.h <= high, e.id
    for a, b in itertools.combinations(placed, 2):
        apart = a.x + a.w <= b.x or b.x + b.w <= a.x or a.y + a.h <= b.y or b.y + b.h <= a.y
        assert apart or isinstance(a, Tank) or isinstance(b, Tank), f"{a.id} over {b.id}"


@pytest.mark.parametrize("name", NAMES)
def test_everything_stands_inside_its_frame(name):
    display = display_of(name)
    frames = [e for e in display.elements if isinstance(e, Frame)]
    for e in display.elements:
        if isinstance(e, Frame):
            continue
        for f in frames:
            touches = e.x < f.x + f.w and f.x < e.x + e.w and e.y < f.y + f.h and f.y < e.y + e.h
            inside = f.x <= e.x and e.x + e.w <= f.x + f.w and f.y <= e.y and e.y + e.h <= f.y + f.h
            assert inside or not touches, f"{e.id} over the edge of {f.id}"


def saturated_share(image: QImage, allowed: str) -> float:
    """Share of pixels with HSV saturation above 0.35 whose hue is not the live value's (a role of its own)."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    blue, green, red = (raw[..., n].astype(np.float64) for n in range(3))
    high = np.maximum(np.maximum(red, green), blue)
    low = np.minimum(np.minimum(red, green), blue)
    strong = (high - low) / np.maximum(high, 1) > 0.35
    hue = QColor(allowed).hueF()
    angle = np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue) / (2 * np.pi) % 1
    own = np.abs((angle - hue + 0.5) % 1 - 0.5) < 0.06
    return float((strong & ~own).mean())


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_only_alarms_are_saturated(show_page, name, theme):
    station = demo_station()
    page = show_page(station, name, theme)
    assert page.is_ready()
    assert saturated_share(page.grab().toImage(), theme.value) < 0.001


def test_an_alarm_is_saturated(show_page):
    station = demo_station()
    page = show_page(station, "overview")
    for path in list(station.infos)[:60]:
        station.raise_alarm(path, 1, "ACKED")
    station.beat()
    assert saturated_share(page.grab().toImage(), LIGHT.value) > 0.001


def test_counters_count_what_the_button_beside_them_marks():
    elements = {element.id: element for element in display_of("overview").elements}
    for name in ("process", "packaging", "utilities"):
        assert elements[f"alarms_{name}"].display == elements[f"link_{name}"].display == name
    assert elements["alarms_rest"].rest


@pytest.mark.parametrize("name", NAMES)
def test_a_button_that_asks_first_says_so_in_full(name, qapp):
    known = demo_infos()
    picture = QImage(10, 10, QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    ink = Ink(painter, LIGHT)
    asking = [e for e in display_of(name).elements if isinstance(e, Button) and not one_click(known[e.path])]
    wide = {e.id: ink.width_of(f"{e.label}\u2026", 16) - e.w + 10 for e in asking}
    painter.end()
    assert not [(ident, over) for ident, over in wide.items() if over > 0]


def test_only_the_buttons_that_ask_first_carry_the_ellipsis(show_page):
    page = show_page(demo_station(), "process")
    said = {s.element.id: s.label(page.canvas.scene) for s in page.canvas.symbols if isinstance(s, ButtonSymbol)}
    assert said["mixer_start"] == "Start\u2026"
    assert said["mixer_stop"] == "Stop"
