"""Code is imported in a process of its own first: whatever it does there is a sentence."""

import pytest

from hmi.drivers.plugin.trial import tried
from hmi.drivers.registry import available, load
from tests.helpers_drivers.wild import place_of, plugin

BAD = {
    "raises": ("raise ZeroDivisionError('firmware')", "ZeroDivisionError: firmware"),
    "exits": ("import sys; sys.exit('no licence')", "SystemExit: no licence"),
    "dies": ("import os; os._exit(0)", "it ends the process that imports it (exit code 0)"),
    "aborts": ("import os; os.abort()", "it ends the process that imports it (exit code -6)"),
    "prints": ("print('fine'); raise OSError('x')", "OSError: x"),
    "empty": ("", "AttributeError: module 'lineside_plugin_empty.driver' has no attribute 'DRIVER'"),
}


def test_whatever_an_import_does_is_a_verdict(tmp_path):
    folders = [plugin(tmp_path / "plugins", name, code) for name, (code, _) in BAD.items()]
    good = plugin(tmp_path / "plugins", "good")
    verdicts = tried([*(place_of(folder) for folder in folders), place_of(good)])
    assert verdicts == {name: why for name, (_, why) in BAD.items()}


def test_an_import_that_hangs_is_ended(tmp_path):
    hanging = plugin(tmp_path / "plugins", "hangs", "import threading; threading.Event().wait()")
    assert tried([place_of(hanging)], within=0.5) == {"hangs": "it hangs: it was not imported within 0.5 s"}


def test_a_bad_plugin_costs_itself_only(tmp_path):
    plugin(tmp_path / "plugins", "exits", BAD["exits"][0])
    plugin(tmp_path / "plugins", "good")
    drivers, faults = load(["exits", "good", "modbus"], available(tmp_path / "plugins"))
    assert sorted(drivers) == ["good", "modbus"]
    [fault] = faults.values()
    assert "Driver 'exits'" in fault.what
    assert "SystemExit: no licence" in fault.what


@pytest.mark.parametrize("api", [0, 2])
def test_another_version_is_refused_before_its_code_runs(tmp_path, api):
    folder = plugin(tmp_path / "plugins", "old", "raise AssertionError")
    (folder / "plugin.toml").write_text((folder / "plugin.toml").read_text().replace("api = 1", f"api = {api}"))
    _, faults = load(["old"], available(tmp_path / "plugins"))
    [fault] = faults.values()
    assert f"was built for driver API {api}, this station has 1" in fault.what
