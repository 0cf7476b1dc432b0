import asyncio
from concurrent.futures import Future

import pytest

from hmi.core.actions import Action, SetValue
from hmi.core.effects import Effects, Refusal
from hmi.core.errors import RefusedError
from hmi.historian.api import StoreError
from hmi.station.entries import Entries

VALUE = SetValue(1, 3.0, 0, "ann")


async def entering() -> tuple[Entries, "asyncio.Task[None]"]:
    posted: asyncio.Queue[Action] = asyncio.Queue()
    entries = Entries(posted.put_nowait)
    task = asyncio.create_task(entries.enter(VALUE))
    assert await posted.get() is VALUE
    assert entries.pending
    return entries, task


async def test_a_value_is_confirmed_only_after_its_commit() -> None:
    entries, task = await entering()
    committed: Future[None] = Future()
    entries.decided(Effects(), committed)
    assert not entries.pending
    await asyncio.sleep(0)
    assert not task.done()
    committed.set_result(None)
    await task


async def test_a_refusal_of_the_engine_is_told() -> None:
    entries, task = await entering()
    entries.decided(Effects(refusals=(Refusal(VALUE, "Enter a finite number."),)), Future())
    with pytest.raises(RefusedError, match="finite"):
        await task


async def test_a_disk_that_does_not_take_it_is_told() -> None:
    entries, task = await entering()
    committed: Future[None] = Future()
    entries.decided(Effects(), committed)
    committed.set_exception(StoreError("The disk is full."))
    with pytest.raises(StoreError):
        await task


async def test_who_gave_up_waiting_disturbs_nobody() -> None:
    entries, task = await entering()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    entries.decided(Effects(), Future())
