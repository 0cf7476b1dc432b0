"""Feed of a trend page: history for the view in the plot's own resolution, live samples behind it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hmi.core.batch import Batch
from hmi.core.trend import Tape, line
from hmi.panel.stores import Binding, Stores, TrendAnswer
from hmi.panel.stores.history import TrendRequest
from hmi.panel.trends.pens import Pen
from hmi.panel.trends.view import View


class PenFeed:
    """Keeps one pen's tape; a new view asks anew and forgets the answer under way."""

    def __init__(self, stores: Stores, pen: Pen, changed: Callable[[], None]) -> None:
        self._stores = stores
        self._pen = pen
        self._changed = changed
        self._binding: Binding | None = None
        self._request: TrendRequest | None = None
        self._asked: tuple[View, int] | None = None

    def open(self) -> None:
        """Takes live samples from now on."""
        if self._binding is None:
            self._binding = self._stores.values.bind_samples([self._pen.path], self._samples)

    def close(self) -> None:
        """Nobody looks any more."""
        if self._binding is not None:
            self._binding.close()
            self._binding = None
        self._cancel()

    @property
    def settled(self) -> bool:
        """Whether no answer is awaited."""
        return self._request is None

    def read(self, view: View, columns: int) -> None:
        """Asks for what the view shows, and a little before it so that the first line enters from the left."""
        self._cancel()
        self._asked = (view, columns)
        margin = view.length // 20
        share = (view.length + margin) / max(1, view.length)
        answered: list[bool] = []
        request = self._stores.history.trend(
            self._pen.path,
            view.start - margin,
            view.end + 1,
            max(1, round(columns * share)),
            partial(self._history, answered),
        )
        self._request = None if answered else request

    def _history(self, answered: list[bool], answer: TrendAnswer) -> None:
        answered.append(True)
        self._request = None
        self._pen.error = answer.error
        if not answer.error:
            self._pen.tape.replace_history(line(answer.time, answer.value, answer.status))
        self._changed()

    def _samples(self, _path: str, batch: Batch, lost: bool) -> None:
        tape: Tape = self._pen.tape
        if lost:
            tape.lose()
        tape.append(line(batch.time, batch.value, batch.status))
        if tape.overrun and self._request is None and self._asked is not None:
            view, columns = self._asked
            self.read(view.follow(self._stores.session.station_utc()), columns)

    def _cancel(self) -> None:
        if self._request is not None:
            self._request.cancel()
            self._request = None
