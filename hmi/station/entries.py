"""What people set inside the station: entered in the next scan, confirmed when it is on the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from hmi.core.actions import Action
from hmi.core.effects import Effects
from hmi.core.errors import RefusedError
from hmi.station.confirmed import confirm


class Entries:
    """Every entry into a memory or manual tag, every substitute and switch passes here."""

    def __init__(self, post: Callable[[Action], None]) -> None:
        """`post` hands an action to the next scan."""
        self._post = post
        self._waiting: list[tuple[Action, asyncio.Future[None]]] = []

    @property
    def pending(self) -> bool:
        """Whether the scan under way enters something: its state must be saved."""
        return bool(self._waiting)

    async def enter(self, action: Action) -> None:
        """Returns once it is live and on the disk.

        Raises:
            RefusedError: the engine does not take it.
            StoreError: it is live, but cannot be kept.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((action, done))
        self._post(action)
        await done

    def decided(self, effects: Effects, committed: Future[None]) -> None:
        """Takes over what a scan decided; whoever waits hears of it when `committed` is done."""
        refused = {id(refusal.action): refusal.why for refusal in effects.refusals}
        waiting, self._waiting = self._waiting, []
        for action, done in waiting:
            if done.done():
                continue  # who asked has given up waiting
            if id(action) in refused:
                done.set_exception(RefusedError(refused[id(action)]))
            else:
                confirm(done, committed)
