"""Contrast and colour vision of both themes, computed from the colours that are used."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from hmi.panel.theme import DARK, LIGHT, THEMES, Theme

BOTH = pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)

# Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB.
VISIONS = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
Vector = NDArray[np.float64]


def linear(colour: str) -> Vector:
    c = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lab(rgb: Vector) -> Vector:
    matrix = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    t = matrix @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(a: str, b: str, vision: Vector) -> float:
    return float(np.linalg.norm(lab(vision @ linear(a)) - lab(vision @ linear(b))))


def test_the_formula_gives_the_known_values() -> None:
    assert contrast("#1A1A1A", "#FFFFFF") == pytest.approx(17.40, abs=0.005)
    assert contrast("#6E6E6E", "#C8C8C8") == pytest.approx(3.05, abs=0.005)


@BOTH
@pytest.mark.parametrize("ground", ["background", "panel"])
@pytest.mark.parametrize("role", ["text", "text_secondary", "value"])
def test_text_has_a_contrast_of_four_and_a_half(theme: Theme, role: str, ground: str) -> None:
    assert contrast(getattr(theme, role), getattr(theme, ground)) >= 4.5


@BOTH
@pytest.mark.parametrize("ground", ["background", "panel"])
@pytest.mark.parametrize("role", ["line", "focus", "outline"])
def test_graphics_have_a_contrast_of_three(theme: Theme, role: str, ground: str) -> None:
    assert contrast(getattr(theme, role), getattr(theme, ground)) >= 3.0


@BOTH
@pytest.mark.parametrize("priority", [1, 2, 3, 4])
def test_the_digit_is_legible_on_its_marker(theme: Theme, priority: int) -> None:
    colour = theme.alarm[priority]
    assert contrast(colour.digit, colour.fill) >= 4.5


@BOTH
@pytest.mark.parametrize("vision", VISIONS.values(), ids=VISIONS.keys())
def test_alarm_colours_ground_and_value_differ_in_every_colour_vision(theme: Theme, vision: Vector) -> None:
    colours = [*(c.fill for c in theme.alarm.values()), theme.background, theme.value]
    for a, b in combinations(colours, 2):
        assert difference(a, b, vision) >= 20, (a, b)


@BOTH
def test_everything_but_alarms_values_and_focus_is_grey(theme: Theme) -> None:
    for role in ("background", "panel", "text", "text_secondary", "line", "running", "stopped", "outline"):
        colour = getattr(theme, role)
        assert colour[1:3] == colour[3:5] == colour[5:7], role


@BOTH
def test_the_style_sheet_names_no_role_and_no_alarm_colour(theme: Theme) -> None:
    sheet = theme.stylesheet()
    assert "@" not in sheet
    for colour in theme.alarm.values():
        assert colour.fill not in sheet


def test_both_themes_have_the_same_priorities() -> None:
    assert list(LIGHT.alarm) == list(DARK.alarm) == [1, 2, 3, 4]
