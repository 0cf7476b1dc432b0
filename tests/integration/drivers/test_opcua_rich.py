"""OPC UA against a server with structures, paging, limits, alarms and history."""

import asyncio
from dataclasses import replace

import pytest

from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import (
    Acknowledger,
    AddressError,
    BrowseKind,
    Browser,
    Described,
    LinkState,
    Repointable,
    WriteOutcome,
)
from hmi.drivers.opcua import DRIVER
from tests.helpers_drivers.harness import Proxy, RichOpcUaProcess

pytestmark = pytest.mark.usefixtures("quiet")
SPACE = "nsu=urn:lineside:rich"


@pytest.fixture(scope="module")
def process():
    server = RichOpcUaProcess(page=7, history=True, limit=40)
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def proxy(process):
    made = Proxy(process.port)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def rig(rig_of, process):
    return rig_of(DRIVER, process.url)


def node(name):
    return f"{SPACE};s=Line.{name}"


async def up(rig):
    rig.run()
    await rig.until(lambda: rig.sink.count_of(LinkState.UP) == 1, "it never connected")


async def browsed(rig, place):
    return {item.name: item for item in await rig.connection.browse(place)}


def test_what_it_offers():
    assert isinstance(DRIVER, Described)
    assert {field.name for field in DRIVER.fields if field.secret} == {"password", "user_certificate", "user_key"}


async def test_browses_with_type_unit_range_and_names(rig):
    await up(rig)
    connection = rig.connection
    assert isinstance(connection, Browser)
    assert isinstance(connection, Repointable)
    assert isinstance(connection, Acknowledger)
    top = await browsed(rig, "")
    assert top["Line"].kind is BrowseKind.FOLDER
    assert top["Line"].node == f"{SPACE};s=Line"
    line = await browsed(rig, top["Line"].node)
    temperature = line["Temperature"]
    assert (temperature.address, temperature.type) == (node("Temperature"), TagType.FLOAT)
    assert (temperature.unit, temperature.low, temperature.high) == ("°C", -10.0, 120.0)
    assert (temperature.description, temperature.writable) == ("Product temperature", True)
    assert (line["Name"].type, line["Name"].writable) == (TagType.STRING, False)
    assert (line["Select"].type, line["Select"].states) == (TagType.ENUM, {"0": "Off", "1": "On"})
    assert (line["Phase"].type, line["Phase"].states) == (TagType.ENUM, {"0": "Idle", "1": "Run", "2": "Held"})
    assert (line["Values"].address, line["Recipe"].address) == ("", "")
    assert line["Start"].kind is BrowseKind.METHOD
    for item in line.values():
        if item.address:
            DRIVER.parse_address(item.address, item.type)
    assert line["Tank#1"].address == f"{node('Tank#1')}#"


async def test_browses_page_by_page_in_the_servers_order(rig, process):
    await up(rig)
    before = await process.ask(pages=None)
    names = [item.name for item in await rig.connection.browse(f"{SPACE};s=Many")]
    assert names == [f"M{n}" for n in range(25)]
    assert await process.ask(pages=None) - before >= 3


@pytest.mark.parametrize("place", [f"{SPACE};s=Nowhere", "nsu=urn:not:here;s=x", "rubbish"])
async def test_there_is_no_such_place(rig, place):
    await up(rig)
    with pytest.raises(AddressError):
        await rig.connection.browse(place)


async def test_elements_share_one_item(rig, process):
    names = ["Values#[0]", "Values#[3]", "Values#[9]", "Recipe#Speed", "Recipe#Limits[2]", "Recipe#Steps[1].Speed",
             "Recipe#Steps[2].Phase", "Recipe#Since", "Recipe#Nothing", "Tank#1#"]  # fmt: skip
    for name in names:
        rig.point(node(name))
    rig.point(node("Recipe#Label"), TagType.STRING)
    before = await process.ask(items=None)
    await up(rig)
    await rig.until(lambda: all(rig.sink.rows(p.tag) for p in rig.points.values()))
    assert await process.ask(items=None) - before == 3
    expected = [1.0, 4.0, None, 10.0, 7.0, 11.0, 2.0, 1767323045.0, None, 1.0]
    for name, value in zip(names, expected, strict=True):
        if value is None:
            assert rig.status(node(name)) == Status.BAD_NO_DATA
        else:
            assert rig.last(node(name)) == (value, 0), name
    assert rig.last(node("Recipe#Label")) == ("Lemon", 0)
    read = await rig.connection.read([rig.points[node(n)] for n in ("Values#[3]", "Recipe#Steps[1].Speed")])
    assert [sample.value for sample in read] == [4.0, 11.0]
    await process.ask(set=["Recipe", 30.0])
    await rig.good(node("Recipe#Steps[1].Speed"), 31.0)
    await process.ask(set=["Recipe", 10.0])


async def test_elements_are_written_only_where_nothing_else_changes(rig):
    """The library's server overlooks an index range: a write would replace the array by one number."""
    for name in ("Values#[1]", "Recipe#Speed"):
        rig.point(node(name))
    await up(rig)
    for name in ("Values#[1]", "Recipe#Speed"):
        result = await rig.write(node(name), 5.0)
        assert result.outcome is WriteOutcome.REFUSED
        assert result.text


async def test_points_come_and_go_without_touching_the_others(rig, process):
    for name in ("Temperature", "M1", "M2", "Values#[0]", "Values#[1]"):
        rig.point(node(name))
    await process.ask(set=["Temperature", 20.0])
    await up(rig)
    await rig.until(lambda: all(rig.sink.rows(p.tag) for p in rig.points.values()))
    rows = {p.tag: len(rig.sink.rows(p.tag)) for p in rig.points.values()}
    items = await process.ask(items=None)
    kept = [p for name, p in rig.points.items() if name not in {node("M1"), node("Values#[1]")}]
    new = rig.point(node("M3"))
    await rig.connection.repoint((*kept, rig.points[node("M3")]))
    await rig.good(node("M3"), 3.0)
    assert await process.ask(items=None) == items
    await process.ask(set=["M1", 50.0])
    await process.ask(set=["Temperature", 21.0])
    await rig.good(node("Temperature"), 21.0)
    rows[1] += 1
    assert {tag: len(rig.sink.rows(tag)) for tag in rows} == rows
    assert len(rig.sink.rows(new)) == 1
    await process.ask(set=["M1", 1.0])
    moved = replace(rig.points[node("Temperature")], address=DRIVER.parse_address(node("M2"), TagType.FLOAT))
    await rig.connection.repoint((moved,))
    await rig.until(lambda: rig.sink.is_good(1, 2.0))
    assert rig.sink.count_of(LinkState.DOWN) == 0


async def test_points_that_change_while_it_is_down_are_there_afterwards(rig_of, proxy):
    rig = rig_of(DRIVER, f"opc.tcp://127.0.0.1:{proxy.port}/")
    rig.point(node("M1"))
    await up(rig)
    await rig.good(node("M1"), 1.0)
    await proxy.stop()
    await rig.until(lambda: rig.sink.count_of(LinkState.DOWN) == 1)
    rig.point(node("M4"))
    await rig.connection.repoint((rig.points[node("M4")],))
    rows = len(rig.sink.rows(1))
    await proxy.start()
    await rig.good(node("M4"), 4.0)
    assert len(rig.sink.rows(1)) == rows
    await rig.stop()


async def test_a_short_loss_costs_no_sample(rig_of, proxy, process):
    """The session is taken up again; what changed meanwhile waited in the server."""
    rig = rig_of(DRIVER, f"opc.tcp://127.0.0.1:{proxy.port}/")
    rig.point(node("Temperature"), scan=0.001)
    rig.point(node("M1"))
    await process.ask(set=["Temperature", 0.0])
    await up(rig)
    await rig.good(node("Temperature"), 0.0)
    seen = len(rig.sink.rows(1))
    await proxy.stop()
    await rig.until(lambda: rig.sink.count_of(LinkState.DOWN) == 1)
    stamps = await process.ask(record=["Temperature", 50])
    quiet = len(rig.sink.rows(2))
    await proxy.start()
    await rig.until(lambda: len(rig.sink.rows(2)) > quiet, "an unchanged value was not told again")
    rows = rig.sink.rows(1)[seen:]
    assert [value for value, _, _ in rows[:50]] == [float(n) for n in range(1, 51)]
    assert [time for _, _, time in rows[:50]] == stamps
    assert rig.last(node("Temperature")) == (50.0, 0)
    assert (rig.sink.counters["resumed_sessions"], rig.sink.count_of(LinkState.DOWN)) == (1, 1)
    await rig.stop()


async def test_messages_that_were_lost_on_their_way_are_repeated(rig_of, proxy, process):
    """The cable is pulled while the server sends: what left it is not what arrives."""
    rig = rig_of(DRIVER, f"opc.tcp://127.0.0.1:{proxy.port}/")
    rig.point(node("Temperature"), scan=0.001)
    await process.ask(set=["Temperature", 0.0])
    await up(rig)
    await rig.good(node("Temperature"), 0.0)
    seen = len(rig.sink.rows(1))
    proxy.freeze()
    await process.ask(record=["Temperature", 100])
    proxy.cut()
    await rig.until(lambda: rig.sink.count_of(LinkState.DOWN) == 1)
    proxy.thaw()
    await rig.good(node("Temperature"), 100.0)
    assert [value for value, _, _ in rig.sink.rows(1)[seen:][:100]] == [float(n) for n in range(1, 101)]
    assert rig.sink.counters["repeated_messages"] >= 1
    assert rig.sink.counters["lost_messages"] == 0
    await rig.stop()


async def test_the_subscription_moves_where_the_session_was_forgotten(rig_of, proxy, process):
    rig = rig_of(DRIVER, f"opc.tcp://127.0.0.1:{proxy.port}/")
    rig.point(node("Temperature"), scan=0.001)
    await process.ask(set=["Temperature", 0.0])
    await up(rig)
    await rig.good(node("Temperature"), 0.0)
    seen = len(rig.sink.rows(1))
    await proxy.stop()
    await rig.until(lambda: rig.sink.count_of(LinkState.DOWN) == 1)
    await process.ask(forget_session=False)
    await process.ask(record=["Temperature", 20])
    await proxy.start()
    await rig.good(node("Temperature"), 20.0)
    assert [value for value, _, _ in rig.sink.rows(1)[seen:][:20]] == [float(n) for n in range(1, 21)]
    assert rig.sink.counters["transferred_subscriptions"] == 1
    await rig.stop()


@pytest.mark.parametrize("history", [True, False])
async def test_a_long_loss_is_filled_from_the_servers_history(rig_of, proxy, process, history):
    """The server has dropped session and subscription; each sample comes once all the same."""
    rig = rig_of(DRIVER, f"opc.tcp://127.0.0.1:{proxy.port}/", history=history)
    rig.point(node("Temperature"), scan=0.001)
    rig.point(node("M1"))
    await process.ask(set=["Temperature", 0.0])
    await up(rig)
    await rig.good(node("Temperature"), 0.0)
    await proxy.stop()
    await rig.until(lambda: rig.sink.count_of(LinkState.DOWN) == 1)
    await process.ask(forget_session=True)
    stamps = await process.ask(record=["Temperature", 30])
    await proxy.start()
    await rig.until(lambda: rig.sink.count_of(LinkState.UP) == 2)
    await rig.good(node("M1"), 1.0)
    if history:
        await rig.until(lambda: rig.sink.counters["backfilled"] == 29, "the gap was not filled")
    filled = [batch for batch in rig.sink.batches if batch.backfill]
    assert [int(t) for batch in filled for t in batch.time] == (stamps[:-1] if history else [])
    await rig.until(lambda: stamps[-1] in [time for _, _, time in rig.sink.rows(1)])
    assert [time for _, _, time in rig.sink.rows(1)].count(stamps[-1]) == 1
    await rig.stop()


async def test_a_write_when_the_cable_is_out_is_refused_or_unknown_and_never_late(rig_of, proxy, process):
    rig = rig_of(DRIVER, f"opc.tcp://127.0.0.1:{proxy.port}/", timeout=0.3)
    rig.point(node("Temperature"))
    await process.ask(set=["Temperature", 1.0])
    await up(rig)
    await rig.good(node("Temperature"), 1.0)
    proxy.freeze()
    writing = asyncio.ensure_future(rig.write(node("Temperature"), 2.0))
    await asyncio.sleep(0)
    proxy.cut()
    result = await writing
    assert result.outcome in {WriteOutcome.UNKNOWN, WriteOutcome.REFUSED}
    await rig.until(lambda: rig.sink.count_of(LinkState.DOWN) == 1)
    assert (await rig.write(node("Temperature"), 3.0)).outcome is WriteOutcome.REFUSED
    proxy.thaw()
    await rig.until(lambda: rig.sink.count_of(LinkState.UP) == 2)
    await rig.good(node("Temperature"), 1.0)
    await rig.stop()


async def test_a_slow_server_is_used_with_a_longer_timeout(rig_of, proxy, monkeypatch):
    proxy.delay = 0.4
    monkeypatch.setattr("hmi.drivers.opcua.subscription.SILENCE", 0.3)
    rig = rig_of(DRIVER, f"opc.tcp://127.0.0.1:{proxy.port}/", timeout=5)
    rig.point(node("M1"))
    await up(rig)
    await rig.good(node("M1"), 1.0)
    await rig.until(lambda: len(rig.sink.alive_tags) >= 3)
    assert rig.sink.count_of(LinkState.DOWN) == 0
    await rig.stop()


async def test_a_server_slower_than_the_timeout_is_one_event(rig_of, proxy):
    proxy.delay = 0.5
    rig = rig_of(DRIVER, f"opc.tcp://127.0.0.1:{proxy.port}/", timeout=0.2)
    rig.point(node("M1"))
    rig.run()
    await rig.until(lambda: rig.sink.counters["failed_attempts"] >= 2)
    assert [state for state, _ in rig.sink.states] == [LinkState.CONNECTING, LinkState.DOWN]
    assert "no answer" in rig.sink.states[-1][1]
    proxy.delay = 0.0
    await rig.good(node("M1"), 1.0)
    await rig.stop()


async def test_limits_of_the_server_are_kept(rig, process):
    """The server takes 40 operations at once, whatever it says of its limits."""
    names = [f"M{n}" for n in range(25)] + [f"Values#[{n}]" for n in range(4)] + ["Temperature", "Phase", "Select"]
    for name in [*names, *(f"Q{n}" for n in range(60))]:
        rig.point(node(name))
    await up(rig)
    await rig.until(lambda: all(rig.sink.rows(p.tag) for p in rig.points.values()))
    assert all(rig.status(node(name)) == 0 for name in names)
    assert rig.status(node("Q1")) == Status.BAD_NODE_ID_UNKNOWN
    samples = await rig.connection.read(list(rig.points.values()))
    assert [sample.status for sample in samples[:25]] == [0] * 25


async def test_deadband_of_the_server(rig, process):
    rig.point(node("Temperature"), deadband=5.0)
    rig.point(node("M1"), deadband=-1)
    rig.point(node("M2"), queue=3)
    await process.ask(set=["Temperature", 20.0])
    await up(rig)
    await rig.good(node("Temperature"), 20.0)
    await process.ask(set=["Temperature", 22.0])
    await process.ask(set=["Temperature", 30.0])
    await rig.good(node("Temperature"), 30.0)
    assert [value for value, _, _ in rig.sink.rows(1)][-2:] == [20.0, 30.0]
    assert rig.status(node("M1")) == Status.BAD_CONFIGURATION_ERROR
    await rig.good(node("M2"), 2.0)


async def test_alarms_of_the_server_and_their_acknowledgement(rig_of, proxy, process):
    rig = rig_of(DRIVER, f"opc.tcp://127.0.0.1:{proxy.port}/", alarms=True)
    rig.point(node("M1"))
    await process.ask(alarm=["Overheat", True, False, True])
    await up(rig)
    await rig.until(lambda: len(rig.sink.conditions) == 1, "a present alarm was not told at the start")
    (told,) = rig.sink.conditions
    assert (told.source, told.name, told.message, told.severity) == ("Line 1", "Overheat", "Overheat happened", 700)
    assert (told.active, told.acknowledged, told.retain) == (True, False, True)
    result = await rig.connection.acknowledge(told.key, told.event, "ann", "seen")
    assert result.outcome is WriteOutcome.DONE
    assert await process.ask(acks=None) == [["Overheat", told.event, "seen (ann)"]]
    assert (await rig.connection.acknowledge("rubbish", "xx", "ann", "")).outcome is WriteOutcome.REFUSED
    await process.ask(alarm=["Jam", True, False, True])
    await rig.until(lambda: len(rig.sink.conditions) == 2)
    await proxy.stop()
    await rig.until(lambda: rig.sink.count_of(LinkState.DOWN) == 1)
    await process.ask(forget_session=True)
    await process.ask(alarm=["Overheat", False, True, False])
    await proxy.start()
    await rig.until(lambda: len(rig.sink.conditions) >= 3)
    await rig.good(node("M1"), 1.0)
    gone = rig.sink.conditions[2]
    assert (gone.name, gone.active, gone.retain) == ("Overheat", False, False)
    assert [c.name for c in rig.sink.conditions] == ["Overheat", "Jam", "Overheat"]
    await process.ask(alarm=["Jam", False, True, False])
    await rig.until(lambda: len(rig.sink.conditions) == 4)
    await rig.stop()


async def test_a_server_that_refuses_half_the_nodes(rig_of):
    server = RichOpcUaProcess(refuse=True)
    await asyncio.to_thread(server.start)
    try:
        rig = rig_of(DRIVER, server.url)
        for number in range(20):
            rig.point(node(f"M{number}"))
        await up(rig)
        await rig.until(lambda: all(rig.sink.rows(p.tag) for p in rig.points.values()))
        statuses = [rig.status(text) for text in rig.points]
        assert statuses == [0, Status.BAD_USER_ACCESS_DENIED] * 10
        assert (rig.sink.count_of(LinkState.DOWN), rig.sink.counters["refused_items"]) == (0, 10)
        await rig.stop()
    finally:
        await asyncio.to_thread(server.kill)


async def test_a_device_whose_clock_jumps(rig, process):
    """An hour ahead is not believed, an hour back is kept; either way the value is shown at once."""
    rig.point(node("M5"))
    await up(rig)
    await rig.good(node("M5"), 5.0)
    for offset, value in ((3600, 6.0), (-3600, 7.0), (0, 8.0)):
        await process.ask(shifted=["M5", value, offset])
        await rig.good(node("M5"), value)
    times = [time for _, _, time in rig.sink.rows(1)][-3:]
    assert abs(times[0] - times[2]) < 60 * 10**9
    assert 3590 * 10**9 < times[2] - times[1] < 3660 * 10**9
    assert rig.sink.count_of(LinkState.DOWN) == 0
