"""Feed: history and live samples of a display's embedded trends."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from hmi.core.batch import Batch
from hmi.core.trend import Tape, line
from hmi.panel.painting.scene import Scene
from hmi.panel.stores import Binding, Stores, TrendAnswer
from hmi.panel.stores.history import TrendRequest

COLUMNS: Final = 400
"""Columns of history asked for: as wide as an embedded trend gets on the largest screen in use."""


class TrendFeed:
    """Keeps the scene's tapes full; `windows` is the time each path is shown for, in ns."""

    def __init__(self, stores: Stores, scene: Scene, windows: dict[str, int], changed: Callable[[str], None]) -> None:
        self._stores = stores
        self._scene = scene
        self._windows = windows
        self._changed = changed
        self._bindings: list[Binding] = []
        self._waiting: dict[str, TrendRequest] = {}
        self.error = ""
        """The last history question that was not answered, in one sentence."""

    def open(self) -> None:
        """Live samples first, then the history that leads up to them: nothing falls between."""
        if self._bindings or not self._windows:
            return
        for path in self._windows:
            self._scene.tapes[path] = Tape()
        self._bindings = [
            self._stores.values.bind_samples(self._windows, self._samples),
            self._stores.session.listen(self._link),
        ]
        self._link()

    def close(self) -> None:
        """Nobody looks any more."""
        for binding in self._bindings:
            binding.close()
        for request in self._waiting.values():
            request.cancel()
        self._bindings, self._waiting = [], {}

    @property
    def settled(self) -> bool:
        """Whether no history is awaited."""
        return not self._waiting

    def _link(self) -> None:
        """The link came back or went: a fresh session knows what was missed."""
        if self._stores.session.live:
            for path in self._windows:
                self._read(path)

    def _read(self, path: str) -> None:
        now = self._stores.session.station_utc()
        if path in self._waiting or not now:
            return
        answered: list[bool] = []
        request = self._stores.history.trend(
            path, now - self._windows[path], now, COLUMNS, partial(self._history, path, answered)
        )
        if not answered:
            self._waiting[path] = request

    def _history(self, path: str, answered: list[bool], answer: TrendAnswer) -> None:
        answered.append(True)
        self._waiting.pop(path, None)
        self.error = f"No history of {path}: {answer.error}" if answer.error else ""
        if not answer.error:
            self._scene.tapes[path].replace_history(line(answer.time, answer.value, answer.status))
        self._changed(path)

    def _samples(self, path: str, batch: Batch, lost: bool) -> None:
        tape = self._scene.tapes[path]
        if lost:
            tape.lose()
        tape.append(line(batch.time, batch.value, batch.status))
        if tape.overrun:
            self._read(path)
