"""Plugins in folders: who may have put code there, and what their manifest says."""

import os
from importlib.metadata import version

import pytest

from hmi.drivers.plugin.fault import DriverError
from hmi.drivers.plugin.folder import names_in, owned_plugin
from hmi.drivers.plugin.manifest import Manifest, missing, read_manifest
from hmi.drivers.plugin.place import fetch
from hmi.drivers.registry import available, load
from tests.helpers_drivers.wild import MANIFEST, plugin


def manifest(**more):
    facts = {
        "name": "x",
        "title": "X",
        "version": "1",
        "api": 1,
        "driver": "driver:DRIVER",
        "description": ".",
        "licence": "MIT",
    }
    return Manifest(**{**facts, **more})


def test_a_plugin_of_the_owner_is_found_and_loaded(tmp_path):
    plugin(tmp_path / "plugins", "tame")
    found = available(tmp_path / "plugins")
    assert found["tame"].manifest.title == "Wild"
    assert fetch(found["tame"].place).name == "wild"
    assert names_in(tmp_path / "nowhere") == []


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a profile from others by itself")
@pytest.mark.parametrize("which", [".", "tame", "tame/driver.py", "tame/plugin.toml"])
def test_code_that_others_can_change_is_not_run(tmp_path, which):
    plugin(tmp_path / "plugins", "tame")
    place = tmp_path / "plugins" / which
    place.chmod(place.stat().st_mode | 0o020)
    fault = available(tmp_path / "plugins")["tame"].fault
    assert "can be changed by others, so the plugin 'tame' is not run" in fault.what
    assert fault.do.startswith("Run `chmod -R go-w")
    _, faults = load(["tame"], available(tmp_path / "plugins"))
    [told] = faults.values()
    assert told is not None
    assert str(told) == str(fault)


@pytest.mark.skipif(os.name != "posix", reason="links are made by administrators there")
def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    folder = plugin(tmp_path / "plugins", "tame")
    (tmp_path / "elsewhere.py").write_text("")
    (folder / "more.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(DriverError, match=r"more\.py is a link"):
        owned_plugin(folder)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name = 1", "cannot be read"),
        ("name", "cannot be read"),
        (MANIFEST.replace('"wild"', '"other"'), "names the plugin 'other'"),
        (MANIFEST.replace("driver:DRIVER", "../x:y"), "driver is '../x:y'"),
        (MANIFEST + 'requires = ["psutil; rm"]', "is no requirement"),
        (MANIFEST + "surprise = 1", "unknown field"),
    ],
)
def test_a_poor_manifest_is_a_sentence(tmp_path, text, sentence):
    folder = tmp_path / "wild"
    folder.mkdir()
    (folder / "plugin.toml").write_text(text)
    with pytest.raises(DriverError) as caught:
        read_manifest(folder)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_missing_is_named_with_the_way_to_install_it():
    assert missing(manifest(requires=("numpy>=1", "msgspec>=0.1,<9"))) == ""
    assert missing(manifest(requires=("no-such-thing>=1",), extra="odd")) == (
        "Driver 'x' needs no-such-thing>=1. Install it: pip install \"lineside[odd]\"."
    )
    too_old = missing(manifest(requires=("numpy>=999",)))
    assert f"numpy>=999 (here is {version('numpy')})" in too_old


@pytest.mark.parametrize(("bound", "fits"), [(">=2", True), ("==2.4", False), ("<2.4", False), ("<3,>=2.4", True)])
def test_bounds_are_compared_as_numbers(bound, fits):
    assert (missing(manifest(requires=(f"numpy{bound}",))) == "") is fits
