"""Drivers are found by name; one that cannot be loaded costs only itself and is told in a sentence."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from hmi.drivers import registry
from hmi.drivers.plugin.place import at
from hmi.drivers.registry import Found, available, builtin, load


@pytest.fixture
def module(monkeypatch):
    def make(**attributes):
        made = ModuleType("made_driver")
        for name, value in attributes.items():
            setattr(made, name, value)
        monkeypatch.setitem(sys.modules, "made_driver", made)

    return make


def driver(version=1):
    def nothing(*_):
        raise AssertionError

    return SimpleNamespace(name="x", api_version=version, parse_address=nothing, parse_options=nothing, connect=nothing)


def untried(places):
    """Modules that only this process has cannot be tried in another one."""
    return {}


def found(**targets):
    return {name: Found(at(name, target)) for name, target in targets.items()}


def test_built_in_drivers_load_without_installation():
    drivers, faults = load(["modbus", "opcua", "modbus"], builtin())
    assert {name: d.name for name, d in drivers.items()} == {"modbus": "modbus", "opcua": "opcua"}
    assert faults == {}


def test_unknown_driver_names_the_known_ones():
    drivers, faults = load(["modbus", "s7"], builtin())
    assert list(drivers) == ["modbus"]
    assert list(faults) == ["s7"]
    assert str(faults["s7"]) == "There is no driver 's7'. Drivers here: modbus, opcua."


def test_other_api_version_is_refused_and_the_rest_runs(module):
    module(DRIVER=driver(version=2))
    drivers, faults = load(["old", "modbus"], {**builtin(), **found(old="made_driver:DRIVER")}, untried)
    assert list(drivers) == ["modbus"]
    assert list(faults) == ["old"]
    assert "built for driver API 2, this station has 1" in faults["old"].what


def test_something_else_is_no_driver(module):
    module(DRIVER=42)
    _, faults = load(["odd"], found(odd="made_driver:DRIVER"), untried)
    assert list(faults) == ["odd"]
    assert "is not a driver" in faults["odd"].what


def test_exception_at_import_is_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "broken_driver.py").write_text("raise ZeroDivisionError('firmware')")
    monkeypatch.syspath_prepend(str(tmp_path))
    _, faults = load(["broken"], found(broken="broken_driver:DRIVER"), untried)
    [fault] = faults.values()
    assert "ZeroDivisionError: firmware" in fault.what
    assert "\n" not in str(fault)


def test_missing_attribute_and_module_are_sentences(module):
    module()
    _, faults = load(["a", "b"], found(a="made_driver:DRIVER", b="no_such_module_here:DRIVER"), untried)
    assert {name: "cannot be loaded" in f.what for name, f in faults.items()} == {"a": True, "b": True}


def test_installed_entry_point_wins(monkeypatch):
    point = SimpleNamespace(name="modbus", value="elsewhere:DRIVER")
    monkeypatch.setattr(registry, "entry_points", lambda group: [point] if group == "lineside.drivers" else [])
    assert available()["modbus"] == Found(at("modbus", "elsewhere:DRIVER"))
