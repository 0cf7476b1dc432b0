import asyncio
import threading

import numpy as np
import pytest

from hmi.core.quality import Status
from hmi.historian.api import RawPage, ReadCancelledError, TextsError
from hmi.historian.rollup.columns import TrendSamples
from hmi.link.messages import History, ReadHistory, ReadTrend
from hmi.station.history_service import HistoryService


class FakeReader:
    """Numbers for tag 1, texts for tag 2, a trend that only ends when it is broken off for tag 3."""

    def __init__(self):
        self.begun, self.broken_off = threading.Event(), threading.Event()
        self.closed = False

    def read_raw(self, tag, start, end, *, limit=0, bounds=False):
        text = ("run",) if tag == 2 else ()
        return RawPage(np.array([start]), np.zeros(1), np.zeros(1, np.uint32), text)

    def read_trend(self, tags, start, end, columns, *, cancelled=None):
        if tags == [2]:
            raise TextsError("The tag holds texts.")
        if tags == [3]:
            self.begun.set()
            while not cancelled():
                threading.Event().wait(0.001)
            self.broken_off.set()
            raise ReadCancelledError("The read was broken off.")
        status = np.array([0, Status.BAD], np.uint32)
        return {tags[0]: TrendSamples(np.array([start, end]), np.array([1.0, 2.0]), status)}

    def close(self):
        self.closed = True


@pytest.fixture
def reader():
    return FakeReader()


@pytest.fixture
def service(reader):
    made = HistoryService(reader)
    yield made
    made.close()
    assert reader.closed


async def answer(service, request):
    sent = []
    await service.answer(request, sent.append)
    return sent


def decoded(message):
    return [np.frombuffer(data, form).tolist() for data, form in ((message.time, "<i8"), (message.value, "<f8"))]


async def test_a_trend_is_sent_as_a_line_with_its_gaps(service):
    (message,) = await answer(service, ReadTrend(7, 1, 100, 200, 50))
    time, value = decoded(message)
    assert (message.request, message.done, time, value[0]) == (7, True, [100, 200], 1.0)
    assert np.isnan(value[1])


async def test_texts_are_sent_as_they_are(service):
    (message,) = await answer(service, ReadTrend(7, 2, 100, 200, 50))
    assert message.text == ["run"]


async def test_an_empty_span_is_refused_in_a_sentence(service):
    assert await answer(service, ReadTrend(7, 1, 200, 200, 50)) == [
        History(7, b"", b"", b"", error="The trend's end must be after its start.")
    ]


async def test_a_long_trend_leaves_the_way_free_for_others(service, reader):
    long = asyncio.create_task(answer(service, ReadTrend(1, 3, 0, 9, 50)))
    await asyncio.to_thread(reader.begun.wait)
    assert len(await answer(service, ReadTrend(2, 1, 0, 9, 50))) == 1
    assert len(await answer(service, ReadHistory(3, 1, 0, 9))) == 1
    assert not long.done()
    long.cancel()
    await asyncio.gather(long, return_exceptions=True)


async def test_a_trend_whose_client_left_is_broken_off(service, reader):
    task = asyncio.create_task(answer(service, ReadTrend(1, 3, 0, 9, 50)))
    await asyncio.to_thread(reader.begun.wait)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await asyncio.to_thread(reader.broken_off.wait)


async def test_a_station_that_stops_breaks_a_trend_off(reader):
    service = HistoryService(reader)
    task = asyncio.create_task(answer(service, ReadTrend(1, 3, 0, 9, 50)))
    await asyncio.to_thread(reader.begun.wait)
    await asyncio.to_thread(service.close)
    (message,) = await task
    assert (message.done, message.error) == (True, "The read was broken off.")
