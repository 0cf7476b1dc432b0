"""Long texts in history: an answer that is too much for a client goes on in another, and no session ends for it."""

from __future__ import annotations

import numpy as np
import pytest

from hmi.historian.api import RawPage
from hmi.link.codec import LONGEST_TEXT, encode
from hmi.link.messages import History, Message, ReadHistory
from hmi.station.history_service import HistoryService
from hmi.station.sessions import REPLIES_KEPT, REQUESTS_UNDER_WAY


class Texts:
    """A reader of a tag that has one long text a nanosecond."""

    def __init__(self, count: int) -> None:
        self.texts = [f"{at} ".ljust(LONGEST_TEXT, "x") for at in range(count)]

    def read_raw(
        self, tag: int, start: int | None, end: int | None, *, limit: int = 0, bounds: bool = False
    ) -> RawPage:
        del tag, end, bounds
        first = start or 0
        texts = tuple(self.texts[first : first + limit])
        rows = np.arange(len(texts))
        return RawPage(rows + first, rows.astype(np.float64), np.zeros(len(texts), np.uint32), texts)

    def close(self) -> None:
        pass


@pytest.fixture
def reader() -> Texts:
    return Texts(400)


async def answer(service: HistoryService, start: int) -> list[History]:
    sent: list[Message] = []
    await service.answer(ReadHistory(1, 5, start, 1_000_000, 100_000), sent.append)
    assert all(encode(message) for message in sent)
    return [message for message in sent if isinstance(message, History)]


async def test_an_answer_has_no_more_parts_than_a_client_may_leave_unread(reader: Texts) -> None:
    service = HistoryService(reader)  # type: ignore[arg-type]  # it reads and closes; nobody asks for its size
    try:
        assert len(await answer(service, 0)) * REQUESTS_UNDER_WAY < REPLIES_KEPT
    finally:
        service.close()


async def test_the_client_goes_on_where_the_answer_ended_and_has_every_text(reader: Texts) -> None:
    service = HistoryService(reader)  # type: ignore[arg-type]  # as above
    found: list[str] = []
    try:
        more = True
        while more:
            parts = await answer(service, len(found))
            assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
            for part in parts:
                found += [part.text[int(at)] for at in np.frombuffer(part.value, "<f8").tolist()]
            more = parts[-1].more
    finally:
        service.close()
    assert found == reader.texts
