"""Values of a soft edge node through a real broker: quality, time, history, commands, browsing."""

import time

import pytest

from hmi.core.instants import SECOND
from hmi.core.quality import Status, is_good
from hmi.core.tag import TagType
from hmi.drivers.api import AddressError, BrowseKind, LinkState, WriteOutcome
from plugins.sparkplug.tests import encoder as e
from plugins.sparkplug.values import STALE

LEVEL = "Plant/Press#Level"


async def test_a_node_that_vanishes_takes_its_500_tags_along(rig_of, edge_of):
    edge = await edge_of(**{f"m{n}": (10, float(n)) for n in range(500)})
    rig = rig_of()
    texts = [f"Plant/Press#m{n}" for n in range(500)]
    for text in texts:
        rig.point(text)
    rig.run()
    await rig.up()
    await rig.until(lambda: all(is_good(rig.status(text)) for text in texts))
    await edge.kill()
    await rig.until(lambda: all(rig.status(text) == STALE for text in texts))
    assert rig.last(texts[7]) == (7.0, STALE)
    rig.sink.alive_tags.clear()
    assert [c.active for c in rig.sink.conditions] == [True]
    assert rig.sink.count_of(LinkState.DOWN) == 0
    await edge.start()
    await rig.until(lambda: all(is_good(rig.status(text)) for text in texts))
    assert [c.active for c in rig.sink.conditions] == [True, False]


async def test_a_dead_device_is_not_alive_while_its_node_is(rig_of, edge_of):
    edge = await edge_of(Level=(10, 1.0))
    edge.add("Flow", 9, 2.5, "Dosing")
    edge.born()
    rig = rig_of()
    flow = "Plant/Press/Dosing#Flow"
    own, of_device = rig.point(LEVEL), rig.point(flow)
    rig.run()
    await rig.good(flow, 2.5)
    death = edge.stamp() - 5
    edge.device_died("Dosing", time=death)
    await rig.becomes(flow, STALE)
    assert rig.rows(flow)[-1][2] == death * 1_000_000
    rig.sink.alive_tags.clear()
    await rig.until(lambda: bool(rig.sink.alive_tags))
    assert all(own in tags and of_device not in tags for tags in rig.sink.alive_tags)
    edge.device_born("Dosing")
    await rig.good(flow, 2.5)


async def test_what_is_told_late_goes_to_history_only(rig_of, edge_of):
    edge = await edge_of(Level=(10, 1.0))
    rig = rig_of()
    rig.point(LEVEL)
    rig.run()
    await rig.good(LEVEL, 1.0)
    past = edge.stamp() - 3_600_000
    edge.send("NDATA", e.metric(alias=1, time=past, value=e.double_value(77.0), more=e.HISTORICAL))
    await rig.until(lambda: bool(rig.old()))
    (batch,) = rig.old()
    assert (batch.value[0], batch.time[0]) == (77.0, past * 1_000_000)
    assert (await rig.connection.read([rig.points[LEVEL]]))[0].value == 1.0


async def test_a_lost_message_leads_to_one_birth(rig_of, edge_of):
    edge = await edge_of(Level=(10, 1.0), Other=(10, 1.0))
    rig = rig_of(reorder=0.2)
    rig.point(LEVEL)
    rig.run()
    await rig.good(LEVEL, 1.0)
    assert edge.births == 2
    edge.metrics[""]["Level"].value = 9.0
    edge.seq += 1
    for number in range(20):
        edge.report("Other", float(number))
    # The limit of one request in 10 s holds, although the start has asked already.
    await rig.becomes(LEVEL, Status.UNCERTAIN_LAST_USABLE_VALUE)
    assert edge.births == 2
    assert rig.sink.counters["rebirth_requests"] == 1
    assert rig.sink.counters["lost_messages"] == 1


async def test_an_open_gap_has_nobody_look_at_all_nodes_at_every_message(rig_of, edge_of, monkeypatch):
    edge = await edge_of(Level=(10, 1.0), Other=(10, 1.0))
    rig = rig_of(reorder=60)
    rig.point(LEVEL)
    rig.run()
    await rig.good(LEVEL, 1.0)
    host, looks = rig.connection._host, []
    expire = host.expire

    def seen_expire(now):
        looks.append(now)
        return expire(now)

    monkeypatch.setattr(host, "expire", seen_expire)
    edge.seq += 1
    for number in range(20):
        edge.report("Other", float(number))
        await rig.until(lambda heard=number + 1: rig.sink.counters["reordered"] == heard)
    assert len(looks) <= 2


async def test_a_wrong_clock_is_not_believed_and_told_once(rig_of, edge_of):
    edge = await edge_of(Level=(10, 1.0))
    rig = rig_of()
    rig.point(LEVEL)
    rig.run()
    await rig.good(LEVEL, 1.0)
    edge.clock_error = 3_600_000
    for value in (2.0, 3.0, 4.0):
        edge.report("Level", value)
    await rig.good(LEVEL, 4.0)
    assert all(row[2] < time.time_ns() + SECOND for row in rig.rows(LEVEL))
    (ahead,) = rig.sink.conditions
    assert "3600 s ahead" in ahead.message
    edge.clock_error = -3_600_000
    edge.report("Level", 5.0)
    await rig.good(LEVEL, 5.0)
    assert [c.active for c in rig.sink.conditions] == [True, False]


async def test_types_through_the_broker(rig_of, edge_of):
    values = {
        "i8": (1, -1),
        "i16": (2, -30000),
        "i32": (3, -2),
        "i64": (4, -3),
        "u8": (5, 255),
        "u16": (6, 65535),
        "u32": (7, 4294967295),
        "u64": (8, 2**53 - 1),
        "f": (9, 0.5),
        "d": (10, 1e300),
        "b": (11, True),
        "t": (13, 1_700_000_000_500),
    }
    await edge_of(**values)
    rig = rig_of()
    for name in values:
        rig.point(f"Plant/Press#{name}")
    rig.run()
    await rig.up()
    for name, (_, value) in values.items():
        await rig.good(f"Plant/Press#{name}", 1_700_000_000.5 if name == "t" else float(value))


@pytest.mark.parametrize(
    ("datatype", "value", "sent"),
    [(3, -7.4, -7.0), (9, 0.1, 0.10000000149011612), (11, 1.0, 1.0), (10, 3.25, 3.25), (4, -9.0, -9.0)],
)
async def test_commands_are_sent_once_and_confirmed_by_the_report(rig_of, edge_of, datatype, value, sent):
    edge = await edge_of(Set=(datatype, 0))
    rig = rig_of()
    rig.point("Plant/Press#Set")
    rig.run()
    await rig.up()
    result = await rig.write("Plant/Press#Set", value)
    assert (result.outcome, result.sent) == (WriteOutcome.DONE, sent)
    assert [(name, got) for _, name, got in edge.commands if name == "Set"] == [("Set", sent)]
    # A metric that was born with an alias is named by it alone.
    (metric,) = [f.value for f in e.fields(edge.raw_commands[-1].payload) if f.number == 2]
    assert 1 not in {f.number for f in e.fields(metric)}


async def test_a_node_that_does_not_follow_leaves_doubt(rig_of, edge_of):
    edge = await edge_of(Level=(10, 1.0))
    rig = rig_of(echo=0.1)
    rig.point(LEVEL)
    rig.run()
    await rig.up()
    edge.obedient = False
    result = await rig.write(LEVEL, 2.0)
    assert result.outcome is WriteOutcome.UNKNOWN
    assert "has not reported" in result.text
    assert [got for _, name, got in edge.commands if name == "Level"] == [2.0]


async def test_what_cannot_be_written_is_refused_and_not_sent(rig_of, edge_of):
    edge = await edge_of(Level=(5, 1))
    edge.add("Fixed", 10, 1.0, more=e.properties(readOnly=(11, e.number(7, 1))))
    edge.born()
    rig = rig_of()
    fixed, missing = "Plant/Press#Fixed", "Plant/Press#None"
    for text in (LEVEL, fixed, missing):
        rig.point(text)
    rig.run()
    await rig.up()
    for text, value, why in [(LEVEL, 300.0, "UINT8"), (fixed, 2.0, "only be read"), (missing, 1.0, "no metric")]:
        result = await rig.write(text, value)
        assert result.outcome is WriteOutcome.REFUSED
        assert why in result.text
    assert not [c for c in edge.commands if c[1] != "Node Control/Rebirth"]


async def test_a_birth_can_be_asked_for_by_hand(rig_of, edge_of):
    edge = await edge_of(Level=(10, 1.0))
    rig = rig_of()
    rebirth = "Plant/Press#Node Control/Rebirth"
    rig.point(rebirth, TagType.BOOL)
    rig.run()
    await rig.up()
    before = edge.births
    assert (await rig.write(rebirth, 1.0)).outcome is WriteOutcome.DONE
    await edge.client.until(lambda: edge.births == before + 1)


async def test_other_points_are_taken_while_it_runs(rig_of, edge_of):
    edge = await edge_of(Level=(10, 1.0), Other=(10, 5.0))
    rig = rig_of()
    rig.point(LEVEL)
    rig.run()
    await rig.good(LEVEL, 1.0)
    rows = len(rig.rows(LEVEL))
    other, missing = "Plant/Press#Other", "Plant/Press#None"
    rig.point(other)
    rig.point(missing)
    await rig.connection.repoint(tuple(rig.points.values()))
    await rig.good(other, 5.0)
    await rig.becomes(missing, Status.BAD_NODE_ID_UNKNOWN)
    assert len(rig.rows(LEVEL)) == rows
    assert edge.births == 2
    await rig.connection.repoint((rig.points[other],))
    edge.report("Level", 2.0)
    edge.report("Other", 6.0)
    await rig.good(other, 6.0)
    assert len(rig.rows(LEVEL)) == rows


async def test_browsing(rig_of, edge_of):
    edge = await edge_of(Level=(10, 1.0))
    unit = e.properties(engUnit=(12, e.chunk(8, "bar")), engLow=(10, e.double(6, 0.0)), engHigh=(10, e.double(6, 16.0)))
    edge.add("Inputs/Pressure", 9, 2.0, "Dosing", unit)
    edge.born()
    rig = rig_of()
    rig.run()
    await rig.up()
    edge.report("Level", 2.0)
    await rig.until(lambda: rig.sink.counters["messages"] >= 1)
    browse = rig.connection.browse
    assert [item.name for item in await browse("")] == ["Plant"]
    (press,) = await browse("Plant")
    assert (press.node, press.description) == ("Plant/Press", "online")
    items = {item.name: item for item in await browse("Plant/Press")}
    assert items["Dosing"].kind is BrowseKind.FOLDER
    assert items["Level"].address == LEVEL
    assert items["Node Control"].below
    (inputs,) = await browse("Plant/Press/Dosing")
    (pressure,) = await browse(inputs.node)
    assert pressure.address == "Plant/Press/Dosing#Inputs/Pressure"
    assert (pressure.type, pressure.unit, pressure.low, pressure.high) == (TagType.FLOAT, "bar", 0.0, 16.0)
    with pytest.raises(AddressError):
        await browse("Plant/Nobody")
