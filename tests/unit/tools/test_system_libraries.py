"""Which system packages set-up asks for on which machine."""

import re
from pathlib import Path

import pytest

from tools import system_libraries as libraries
from tools.problem import SetupError

DEBIAN_12 = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n# a comment\n'
OFFSCREEN = (
    "libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libfreetype6 libxkbcommon0 libgssapi-krb5-2".split()  # noqa: SIM905 - as it is typed
)


def system(identity: str, version: str = "", like: str = "") -> dict[str, str]:
    return {"ID": identity, "VERSION_ID": version, "ID_LIKE": like}


def glib(of: dict[str, str]) -> str:
    return libraries.debian_names([libraries.QT[2]], of)[0]


def test_os_release_loses_its_quotes_and_comments():
    assert libraries.os_release(DEBIAN_12) == {
        "PRETTY_NAME": "Debian GNU/Linux 12 (bookworm)",
        "ID": "debian",
        "VERSION_ID": "12",
    }


def test_debian_12_gets_what_was_proved_there():
    assert libraries.debian_names(libraries.QT, libraries.os_release(DEBIAN_12)) == OFFSCREEN


@pytest.mark.parametrize(
    ("release", "package"),
    [
        (system("debian", "12"), "libglib2.0-0"),
        (system("debian", "13"), "libglib2.0-0t64"),
        (system("debian"), "libglib2.0-0t64"),  # the release after the last one has no number
        (system("raspbian", "12", "debian"), "libglib2.0-0"),
        (system("ubuntu", "22.04", "debian"), "libglib2.0-0"),
        (system("ubuntu", "24.04", "debian"), "libglib2.0-0t64"),
        (system("linuxmint", "21.3", "ubuntu debian"), "libglib2.0-0"),
        (system("linuxmint", "22", "ubuntu debian"), "libglib2.0-0t64"),
    ],
)
def test_glib_was_renamed(release, package):
    assert glib(release) == package


def test_windows_need_more_only_with_a_display():
    def nothing(_soname: str) -> bool:
        return False

    assert libraries.missing({}, nothing) == list(libraries.QT)
    assert libraries.missing({"WAYLAND_DISPLAY": "wayland-0"}, nothing) == list(libraries.QT)
    assert libraries.missing({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, nothing) == list(libraries.QT)
    assert libraries.missing({"DISPLAY": ":0"}, nothing) == [*libraries.QT, *libraries.X11]


def test_missing_is_what_does_not_load():
    assert [lib.soname for lib in libraries.missing({}, lambda soname: soname != "libGL.so.1")] == ["libGL.so.1"]
    assert not libraries.loads("libno-such-thing.so.9")


@pytest.mark.parametrize(
    ("release", "command"),
    [
        (system("debian", "12"), "apt-get install libegl1 libgl1"),
        (system("ubuntu", "24.04", "debian"), "apt-get install libegl1 libgl1"),
        (system("rocky", "9", "rhel centos fedora"), "dnf install libglvnd-egl libglvnd-glx"),
        (system("arch"), "pacman -S libglvnd"),
        (system("gentoo"), None),
    ],
)
def test_one_command_installs_them(release, command):
    assert libraries.install_command(libraries.QT[:2], release) == command


class Machine:
    """A machine whose libraries and `apt-get` are this test's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, *, euid: int, lacking: str) -> None:
        self.lacking = {lacking} if lacking else set()
        self.said: list[str] = []
        self.commands = folder / "commands"
        self.folder = folder
        monkeypatch.setattr(libraries, "OS_RELEASE", folder / "os-release")
        monkeypatch.setattr(libraries.os, "geteuid", lambda: euid)
        monkeypatch.setattr(libraries, "missing", self._missing)
        monkeypatch.setenv("PATH", str(folder), prepend=":")
        (folder / "os-release").write_text(DEBIAN_12, encoding="utf-8")
        self.apt_get()

    def _missing(self, _environment: object) -> list[libraries.Library]:
        installed = self.commands.read_text(encoding="utf-8") if self.commands.exists() else ""
        return [
            lib
            for lib in libraries.QT
            if lib.soname in self.lacking and not re.search(rf"install.*{lib.debian}", installed)
        ]

    def apt_get(self, ends: str = "exit 0") -> None:
        script = self.folder / "apt-get"
        script.write_text(f'#!/bin/sh\necho "$DEBIAN_FRONTEND $@" >> {self.commands}\n{ends}\n', encoding="utf-8")
        script.chmod(0o755)

    def provide(self) -> None:
        libraries.provide({}, self.said.append)


def test_root_on_debian_installs_what_is_missing_and_nothing_else(monkeypatch, tmp_path):
    machine = Machine(monkeypatch, tmp_path, euid=0, lacking="libEGL.so.1")
    machine.provide()
    update, install = machine.commands.read_text(encoding="utf-8").splitlines()
    assert update == "noninteractive -qq update"
    assert install.endswith("install --yes --no-install-recommends libegl1")
    assert machine.said == ["Installing system packages: libegl1"]


def test_nothing_is_asked_of_apt_when_nothing_is_missing(monkeypatch, tmp_path):
    machine = Machine(monkeypatch, tmp_path, euid=0, lacking="")
    machine.provide()
    assert not machine.commands.exists()


def test_a_user_is_told_the_command_and_sudo_is_left_to_them(monkeypatch, tmp_path):
    machine = Machine(monkeypatch, tmp_path, euid=1000, lacking="libEGL.so.1")
    with pytest.raises(SetupError, match=r"libEGL\.so\.1; as root, run: apt-get install libegl1$"):
        machine.provide()
    assert not machine.commands.exists()


def test_a_failing_apt_is_one_sentence(monkeypatch, tmp_path):
    machine = Machine(monkeypatch, tmp_path, euid=0, lacking="libEGL.so.1")
    machine.apt_get('echo "E: Unable to locate package libegl1" >&2; exit 100')
    with pytest.raises(
        SetupError, match=r"apt-get could not install libegl1 \(E: Unable to locate package libegl1\): check"
    ):
        machine.provide()


def test_an_unknown_system_is_told_the_names(monkeypatch, tmp_path):
    machine = Machine(monkeypatch, tmp_path, euid=0, lacking="libEGL.so.1")
    (tmp_path / "os-release").write_text("ID=gentoo\n", encoding="utf-8")
    with pytest.raises(SetupError, match=r"libEGL\.so\.1; install the packages of your system that contain them"):
        machine.provide()
