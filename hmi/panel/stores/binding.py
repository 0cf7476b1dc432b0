"""Bindings: what a widget holds while it listens to a store; closing one is the only way a widget leaves."""

from __future__ import annotations

from collections.abc import Callable


class Binding:
    """One listener's tie to a store."""

    def __init__(self, release: Callable[[], None]) -> None:
        self._release: Callable[[], None] | None = release

    def close(self) -> None:
        """Ends the notices; closing twice does nothing."""
        release, self._release = self._release, None
        if release is not None:
            release()


class Listeners:
    """Callables without arguments that want to know when a store changed."""

    def __init__(self) -> None:
        self._calls: dict[int, Callable[[], None]] = {}
        self._next = 0

    def add(self, notify: Callable[[], None]) -> Binding:
        """Calls `notify` from now on until the binding is closed."""
        number = self._next = self._next + 1
        self._calls[number] = notify
        return Binding(lambda: self._remove(number))

    def call(self) -> None:
        """Tells everybody; a listener may leave or join meanwhile."""
        for number in tuple(self._calls):
            notify = self._calls.get(number)
            if notify is not None:
                notify()

    def _remove(self, number: int) -> None:
        self._calls.pop(number, None)
