"""The horn: a real player process, told what to play."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hmi.panel.alarms.annunciator import Tone
from hmi.panel.alarms.sounder import PLAYERS, Sounder, find_player

QUICK, SLOW = Tone("quick", 20), Tone("slow", 60_000)


@pytest.fixture
def make(qapp: QApplication, tmp_path: Path) -> Iterator[Callable[[tuple[str, ...]], Sounder]]:
    owner = QObject()
    made: list[Sounder] = []

    def build(player: tuple[str, ...]) -> Sounder:
        made.append(Sounder(tmp_path, player, owner))
        return made[-1]

    yield build
    for sounder in made:
        sounder.close()
    owner.deleteLater()


def player(log: Path) -> tuple[str, ...]:
    """A program that writes down what it was told to play."""
    return (sys.executable, "-c", f"import sys; open({str(log)!r}, 'a').write(sys.argv[1] + '\\n')")


def played(log: Path) -> list[str]:
    return [Path(line).name for line in log.read_text().splitlines()] if log.exists() else []


def test_a_tone_repeats_until_it_is_told_to_stop(
    make: Callable[[tuple[str, ...]], Sounder], tmp_path: Path, qtbot: QtBot
) -> None:
    log = tmp_path / "log"
    sounder = make(player(log))
    sounder.set_tone(QUICK)
    qtbot.waitUntil(lambda: len(played(log)) >= 2)
    assert set(played(log)) == {"quick.wav"}
    sounder.set_tone(None)
    assert not sounder._timer.isActive()


def test_the_same_tone_again_does_not_begin_anew(
    make: Callable[[tuple[str, ...]], Sounder], tmp_path: Path, qtbot: QtBot
) -> None:
    log = tmp_path / "log"
    sounder = make(player(log))
    sounder.set_tone(SLOW)
    sounder.set_tone(SLOW)
    qtbot.waitUntil(lambda: played(log) == ["slow.wav"])
    sounder.set_tone(None)
    assert sounder.tone is None


def test_a_player_that_cannot_start_does_no_harm(make: Callable[[tuple[str, ...]], Sounder], qtbot: QtBot) -> None:
    sounder = make(("/no/such/player",))
    sounder.set_tone(QUICK)
    assert sounder._process is not None
    with qtbot.waitSignal(sounder._process.errorOccurred):
        sounder._play()
    assert sounder.tone == QUICK


def test_without_a_player_the_bell_rings(make: Callable[[tuple[str, ...]], Sounder]) -> None:
    sounder = make(())
    sounder.set_tone(SLOW)
    assert sounder.tone == SLOW


def test_the_first_player_found_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_player() == ()
    for name in ("aplay", "paplay"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    assert find_player() == (str(tmp_path / PLAYERS[0][0]),)
