import numpy as np
from msgspec.structs import replace

from hmi.core.batch import Batch, Int32, batch_of
from hmi.link.codec import LONGEST_TEXT, batch_from, decode_station
from hmi.link.messages import AlarmRow, Alarms, Values
from hmi.link.outbox import ALARMS_KEPT, SAMPLES_KEPT, Outbox

SIZE = 10


def changed(*rows: tuple[int, float]) -> Batch:
    n = len(rows)
    return batch_of([t for t, _ in rows], range(n), [0] * n, [v for _, v in rows], [0] * n)


class Table:
    """The present value of every tag, as the engine would give it."""

    def __init__(self) -> None:
        self.value = np.zeros(SIZE)

    def apply(self, batch: Batch) -> Batch:
        for tag, value in zip(batch.tag, batch.value, strict=True):
            self.value[tag] = value
        return batch

    def latest(self, tags: Int32) -> Batch:
        n = len(tags)
        return batch_of(tags, [0] * n, [0] * n, self.value[tags], [0] * n)


def sent(outbox: Outbox, table: Table) -> list[tuple[int, int, float]]:
    out = []
    for data in outbox.take(table.latest):
        message = decode_station(data)
        if isinstance(message, Values):
            batch = batch_from(message)
            out += [(message.subscription, int(t), float(v)) for t, v in zip(batch.tag, batch.value, strict=True)]
    return out


def alarm(number: int, state: str = "UNACK") -> AlarmRow:
    return AlarmRow(f"a{number}", number, state, 1, 1, "p", "H", "m", "", 0.0, 0, 0.0, 0, 0)


def test_latest_opens_with_a_snapshot_and_conflates() -> None:
    outbox, table = Outbox(SIZE), Table()
    outbox.subscribe(1, [3, 2, 99, -1], samples=False)
    assert sent(outbox, table) == [(1, 2, 0.0), (1, 3, 0.0)]
    outbox.offer(table.apply(changed((3, 1.0), (4, 9.0), (3, 2.0))))
    outbox.offer(table.apply(changed((3, 3.0))))
    assert sent(outbox, table) == [(1, 3, 3.0)]
    assert not outbox.pending


def test_samples_are_complete_and_in_order() -> None:
    outbox, table = Outbox(SIZE), Table()
    outbox.subscribe(2, [3], samples=True)
    outbox.offer(table.apply(changed((3, 1.0))))
    # The present value is that sample; it must not come twice.
    assert sent(outbox, table) == [(2, 3, 1.0)]
    outbox.offer(table.apply(changed((3, 2.0), (4, 0.0), (3, 3.0))))
    outbox.offer(table.apply(changed((3, 2.0))))
    assert [value for _, _, value in sent(outbox, table)] == [2.0, 3.0, 2.0]


def test_what_came_before_the_first_frame_is_complete_too() -> None:
    outbox, table = Outbox(SIZE), Table()
    outbox.subscribe(2, [3, 5], samples=True)
    for value in (1.0, 95.0, 2.0, 3.0):
        outbox.offer(table.apply(changed((3, value))))
    outbox.offer(table.apply(changed((4, 9.0), (3, 4.0))))
    assert sent(outbox, table) == [(2, 5, 0.0), (2, 3, 1.0), (2, 3, 95.0), (2, 3, 2.0), (2, 3, 3.0), (2, 3, 4.0)]
    assert not outbox.pending


def test_an_overflow_before_the_first_frame_is_told_and_the_present_value_sent() -> None:
    outbox, table = Outbox(SIZE), Table()
    outbox.subscribe(2, [3], samples=True)
    n = SAMPLES_KEPT + 1
    outbox.offer(table.apply(batch_of([3] * n, range(n), [0] * n, [7.0] * n, [0] * n)))
    [message] = [m for m in map(decode_station, outbox.take(table.latest)) if isinstance(m, Values)]
    assert message.lost
    assert batch_from(message).value.tolist() == [7.0]


def test_an_overflow_of_samples_is_told() -> None:
    outbox, table = Outbox(SIZE), Table()
    outbox.subscribe(2, [3], samples=True)
    sent(outbox, table)
    flood = batch_of(*[[3] * 1000, range(1000), [0] * 1000, [1.0] * 1000, [0] * 1000])
    for _ in range(SAMPLES_KEPT // 1000 + 1):
        outbox.offer(flood)
    outbox.offer(changed((3, 5.0)))
    messages = [decode_station(data) for data in outbox.take(table.latest)]
    values = [m for m in messages if isinstance(m, Values)]
    assert values[0].lost
    assert not any(m.lost for m in values[1:])


def test_alarms_are_never_conflated_and_go_first() -> None:
    outbox, table = Outbox(SIZE), Table()
    outbox.subscribe(1, [1], samples=False)
    outbox.offer_alarm_snapshot([alarm(1)], 0)
    outbox.offer_alarms([alarm(2), alarm(2, "ACKED"), alarm(2, "NORM")], 3)
    messages = [decode_station(data) for data in outbox.take(table.latest)]
    alarms = [m for m in messages if isinstance(m, Alarms)]
    assert messages[: len(alarms)] == alarms
    assert alarms[0].snapshot
    assert [(row.alarm, row.state) for m in alarms for row in m.rows] == [
        ("a1", "UNACK"),
        ("a2", "UNACK"),
        ("a2", "ACKED"),
        ("a2", "NORM"),
    ]
    assert alarms[-1].not_evaluated == 3


def test_a_snapshot_begins_the_list_anew() -> None:
    outbox, table = Outbox(SIZE), Table()
    outbox.offer_alarms([alarm(1)], 0)
    outbox.offer_alarm_snapshot([], 0)
    [message] = [decode_station(data) for data in outbox.take(table.latest)]
    assert message == Alarms([], True, 0)


def test_a_client_that_is_too_slow_for_all_alarms_is_told_off() -> None:
    outbox = Outbox(SIZE)
    assert outbox.offer_alarms([alarm(i) for i in range(ALARMS_KEPT)], 0)
    assert not outbox.offer_alarms([alarm(1)], 0)


def test_unsubscribe_ends_the_flow() -> None:
    outbox, table = Outbox(SIZE), Table()
    outbox.subscribe(1, [1], samples=False)
    outbox.unsubscribe(1)
    outbox.unsubscribe(1)
    outbox.offer(table.apply(changed((1, 1.0))))
    assert sent(outbox, table) == []


def test_a_flood_with_long_texts_reaches_the_client_whole() -> None:
    outbox, table = Outbox(SIZE), Table()
    long = "Close the valve and look at the regulator. " * 20
    flood = [replace(alarm(n), response=long, comment=long) for n in range(1200)]
    outbox.offer_alarm_snapshot(flood, 0)
    outbox.offer_alarms(flood, 0)
    messages = [m for m in map(decode_station, outbox.take(table.latest)) if isinstance(m, Alarms)]
    assert [row for m in messages for row in m.rows] == flood * 2
    assert [m.snapshot for m in messages] == [True] + [False] * (len(messages) - 1)


def test_a_giant_text_ends_no_session() -> None:
    outbox = Outbox(SIZE)
    outbox.subscribe(1, [3], samples=False)
    giant = batch_of([3], [0], [0], ["ä" * 300_000], [0])
    [_, data] = outbox.take(lambda _: giant)
    message = decode_station(data)
    assert isinstance(message, Values)
    shown = batch_from(message).text_at(0)
    assert shown is not None
    assert len(shown) == LONGEST_TEXT
    assert shown.endswith("ä…")


def test_tags_that_an_edit_brings_can_be_subscribed_and_shown() -> None:
    outbox = Outbox(SIZE)
    outbox.subscribe(1, [3], samples=False)
    outbox.subscribe(2, [3], samples=True)
    outbox.grow(SIZE + 5)
    outbox.subscribe(3, [SIZE + 2], samples=False)
    outbox.offer(batch_of([SIZE + 2, 3], [1, 1], [1, 1], [7.0, 8.0], [0, 0]))
    latest = outbox.take(
        lambda tags: batch_of(tags, [1] * len(tags), [0] * len(tags), [7.5] * len(tags), [0] * len(tags))
    )
    rows = [(m.subscription, batch_from(m).tag.tolist()) for m in map(decode_station, latest) if isinstance(m, Values)]
    assert rows == [(1, [3]), (2, [3]), (3, [SIZE + 2])]


def test_tags_that_are_gone_are_told_once_and_never_again() -> None:
    outbox, nothing = Outbox(SIZE), batch_of([], [], [], [], [])
    outbox.subscribe(1, [3, 4], samples=False)
    outbox.subscribe(2, [3], samples=True)
    outbox.take(lambda _: nothing)
    last = batch_of([3], [9], [9], [float("nan")], [0x80340000])
    outbox.offer(last)
    outbox.retire(last)
    messages = [m for m in map(decode_station, outbox.take(lambda _: nothing)) if isinstance(m, Values)]
    assert [(m.subscription, batch_from(m).status.tolist()) for m in messages] == [(1, [0x80340000]), (2, [0x80340000])]
    outbox.offer(batch_of([3], [10], [10], [1.0], [0]))
    assert not outbox.pending
