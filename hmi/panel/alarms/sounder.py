"""Sounder: makes the annunciator's tone heard, with whatever plays sounds on this PC."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

import structlog
from PySide6.QtCore import QObject, QProcess, QTimer
from PySide6.QtWidgets import QApplication

from hmi.panel.alarms.annunciator import Tone

_LOG = structlog.get_logger()

PLAYERS: Final = (("paplay",), ("pw-play",), ("aplay", "-q"))
"""Programs that play a wav file given as the last argument, the first one found is used."""


def find_player() -> tuple[str, ...]:
    """The command that plays a file; empty where there is none (Windows plays by itself, else the bell rings)."""
    for program, *arguments in PLAYERS:
        found = shutil.which(program)
        if found:
            return (found, *arguments)
    return ()


class Sounder(QObject):
    """Plays one tone again and again until told another or none."""

    def __init__(self, folder: Path, player: tuple[str, ...], parent: QObject) -> None:
        super().__init__(parent)
        self._folder = folder
        self._player = player
        self._tone: Tone | None = None
        self._process: QProcess | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._play)

    @property
    def tone(self) -> Tone | None:
        """What sounds now."""
        return self._tone

    def set_tone(self, tone: Tone | None) -> None:
        """Changes what sounds; the same tone goes on undisturbed."""
        if tone == self._tone:
            return
        self._tone = tone
        self._timer.stop()
        if tone is not None:
            self._timer.start(tone.repeat_ms)
            self._play()

    def close(self) -> None:
        """Quiet for good."""
        self.set_tone(None)
        if self._process is not None:
            self._process.kill()
            self._process.waitForFinished(500)
            self._process = None

    def _play(self) -> None:
        if self._tone is None:
            return
        file = self._folder / f"{self._tone.name}.wav"
        if sys.platform == "win32":
            import winsound  # noqa: PLC0415 - exists there only

            winsound.PlaySound(str(file), winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_NODEFAULT)
        elif self._player:
            self._start(file)
        else:
            QApplication.beep()

    def _start(self, file: Path) -> None:
        if self._process is not None and self._process.state() is not QProcess.ProcessState.NotRunning:
            return  # the last one still sounds: it must not pile up
        if self._process is None:
            self._process = QProcess(self)
            self._process.errorOccurred.connect(self._on_error)
        program, *arguments = self._player
        self._process.start(program, [*arguments, str(file)])

    def _on_error(self) -> None:
        _LOG.info("sound not played", player=self._player[0])
        QApplication.beep()
