"""Drivers that a project names: one that cannot run stands there switched off, with its reason."""

from pathlib import Path

import pytest

from hmi.drivers.plugin.switched_off import SwitchedOff
from hmi.drivers.registry import available
from hmi.station.loading import named_drivers
from tests.helpers_drivers.wild import MANIFEST, plugin

POOR = {
    "of another form": ("name = 1", "cannot be read"),
    "without a place": (MANIFEST.replace("driver:DRIVER", "../x:y"), "driver is '../x:y'"),
    "with an odd need": (MANIFEST + 'requires = ["psutil; rm"]', "'psutil; rm' is no requirement"),
}


@pytest.mark.parametrize(("text", "sentence"), POOR.values(), ids=POOR)
def test_a_plugin_with_a_poor_manifest_is_switched_off_and_says_why(tmp_path: Path, text: str, sentence: str) -> None:
    (plugin(tmp_path / "plugins", "wild") / "plugin.toml").write_text(text)
    found, sentences = named_drivers(["wild", "modbus"], available(tmp_path / "plugins"))
    off = found["wild"]
    assert isinstance(off, SwitchedOff)
    assert sentence in off.why
    assert sentences == {"wild": off.why}
    assert found["modbus"].name == "modbus"


def test_a_driver_nobody_has_heard_of_is_a_mistake_of_the_project() -> None:
    found, sentences = named_drivers(["s7x", "modbus"], available())
    assert list(found) == ["modbus"]
    assert sentences["s7x"].startswith("There is no driver 's7x'. Drivers here: ")


def test_a_sentence_is_told_of_the_driver_that_it_is_about(tmp_path: Path) -> None:
    plugin(tmp_path / "plugins", "broken", "raise OSError(\"no 'other'\")")
    plugin(tmp_path / "plugins", "other", "raise OSError('x')")
    _, sentences = named_drivers(["broken", "other"], available(tmp_path / "plugins"))
    assert "no 'other'" not in sentences["other"]
