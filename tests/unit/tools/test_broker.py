"""Who gets an MQTT broker for the tests, and what is said where none can be had."""

import pytest

from tools import broker, system_libraries
from tools.problem import SetupError


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Packages that were asked for on a Debian machine of root's."""
    asked: list[str] = []
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(system_libraries, "may_install", lambda _system: True)
    monkeypatch.setattr(system_libraries, "apt_install", lambda names, _say: asked.extend(names))
    return asked


def test_a_machine_that_has_one_is_left_alone(installed):
    said: list[str] = []
    broker.provide(said.append, lambda: "/usr/sbin/mosquitto")
    assert (installed, said) == ([], [])


def test_root_on_debian_gets_one(installed):
    said: list[str] = []
    broker.provide(said.append, lambda: "/usr/sbin/mosquitto" if installed else None)
    assert (installed, said) == (["mosquitto"], [])


def test_a_machine_that_cannot_have_one_is_told_and_goes_on(installed, monkeypatch):
    def refuse(_names: object, _say: object) -> None:
        raise SetupError("apt-get could not install mosquitto (no route)")

    monkeypatch.setattr(system_libraries, "apt_install", refuse)
    said: list[str] = []
    broker.provide(said.append, lambda: None)
    assert len(said) == 1
    assert "skipped" in said[0]
    assert "no route" in said[0]


def test_others_are_told_the_package(installed, monkeypatch):
    monkeypatch.setattr(system_libraries, "may_install", lambda _system: False)
    said: list[str] = []
    broker.provide(said.append, lambda: None)
    assert installed == []
    assert "install the package mosquitto" in said[0]
