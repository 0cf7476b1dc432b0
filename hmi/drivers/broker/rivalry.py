"""Two clients with one client id throw each other out for ever; this tells it and gives way.

With MQTT 5 a broker may say that a session was taken. Others just close the connection, so that only the pattern tells:
sessions begin well and are closed soon, again and again.
"""

from __future__ import annotations

from typing import Final

from hmi.core.instants import seconds
from hmi.drivers.broker.endpoint import BrokerOptions
from hmi.drivers.broker.session import SessionEndedError

_SHORT: Final = seconds(30)
"""A session closed sooner after its start says something; one that held longer begins the count anew."""
_SUSPICIOUS: Final = 2
"""Short sessions in a row that make a pattern."""
_WAITS: Final = (5.0, 30.0, 120.0, 300.0)
"""Seconds to leave the session to the other one, the longest for ever after."""
_PEACE: Final = seconds(900)
"""A session that held this long is ours: the next loss has another reason."""


class Rivalry:
    """What is known of another client with the same id; kept over sessions."""

    def __init__(self, name: str, options: BrokerOptions) -> None:
        self._name = name
        self._options = options
        self._short = 0
        self._taken = 0

    def judge(self, ended: SessionEndedError, held: int) -> SessionEndedError:
        """The reason of a loss, perhaps a better one; `held` are the ns the session worked."""
        if held >= _PEACE:
            self._taken = 0
        self._short = self._short + 1 if held < _SHORT else 0
        if ended.taken:
            self._taken += 1
            return ended
        # Without a client id of its own every session has a new one: nobody can have taken it.
        if self._short < _SUSPICIOUS or not self._options.client_id:
            return ended
        self._taken += 1
        what = f"{self._name}: {self._options.url} closes the connection again and again soon after it began."
        do = f"Probably another client has the id '{self._options.client_id}': give each its own (option 'client_id')."
        return SessionEndedError(what, do, taken=True)

    def wait(self, random: float) -> float:
        """Seconds to stay away now; `random` is from [0, 1) and keeps two stations from returning in step."""
        if self._taken == 0:
            return 0.0
        return _WAITS[min(self._taken, len(_WAITS)) - 1] * (0.75 + 0.5 * random)
