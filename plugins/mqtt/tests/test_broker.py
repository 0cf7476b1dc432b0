"""Topics at a real broker: live and retained values, publishers that come and go, commands, and lost brokers."""

import asyncio
import re
import time

import pytest

from hmi.core.instants import SECOND
from hmi.core.quality import Status, is_bad
from hmi.core.tag import TagType
from hmi.drivers.api import BrowseKind, LinkState, WriteOutcome
from tests.helpers_drivers.mqtt_client import SoftClient, Will

LATE = Status.UNCERTAIN_LAST_USABLE_VALUE
GONE = Status.UNCERTAIN_NO_COMMUNICATION_LAST_USABLE


async def test_a_retained_value_is_not_live(rig_of, device):
    await device.publish("line/speed", b"5", 1, True)
    rig = rig_of()
    rig.point("line/speed")
    rig.run()
    await rig.becomes("line/speed", LATE)
    assert rig.last("line/speed") == (5.0, LATE)
    await device.publish("line/speed", b"6", 1, True)
    await rig.good("line/speed", 6.0)


async def test_a_retained_value_holds_while_its_publisher_says_that_it_is_there(rig_of, broker, device):
    await device.publish("line/speed", b"5", 1, True)
    publisher = SoftClient(broker.port, "publisher")
    await publisher.connect(Will("line/online", b"offline", 1, True))
    await publisher.publish("line/online", b"online", 1, True)
    rig = rig_of(status="line/online")
    tag = rig.point("line/speed")
    rig.run()
    await rig.good("line/speed", 5.0)
    await publisher.kill()
    await rig.becomes("line/speed", Status.BAD_NO_COMMUNICATION)
    assert rig.sink.counters["publishers_lost"] == 1
    rig.sink.alive_tags.clear()
    await device.publish("other", b"", 1)
    probes = rig.sink.counters["messages"]
    assert probes >= 2
    assert not any(tag in tags for tags in rig.sink.alive_tags)
    await publisher.connect(Will("line/online", b"offline", 1, True))
    await publisher.publish("line/online", b"online", 1, True)
    await publisher.publish("line/speed", b"7", 1, True)
    await rig.good("line/speed", 7.0)
    await publisher.close()


async def test_a_retained_value_of_a_publisher_that_is_gone(rig_of, device):
    await device.publish("line/speed", b"5", 1, True)
    await device.publish("line/info", b'{"state": "off"}', 1, True)
    rig = rig_of(online="on")
    text = "line/speed#;status=line/info#$.state"
    rig.point(text)
    rig.run()
    await rig.becomes(text, GONE)


async def test_json_time_and_fields_that_are_missing(rig_of, device):
    texts = ["a#$.x;time=$.t", "a#$.y", "a#$.z;partial", "a#$.n"]
    rig = rig_of()
    for text in texts:
        rig.point(text)
    rig.point("a", TagType.STRING)
    rig.run()
    await rig.up()
    at = time.time_ns() // SECOND + 1
    await device.publish("a", b'{"x": 1.5, "z": 3, "n": null, "t": %d}' % at, 1)
    await rig.good(texts[0], 1.5)
    assert rig.rows(texts[0])[-1][2] == at * SECOND
    await rig.becomes(texts[1], Status.BAD_NO_DATA)
    await rig.becomes(texts[3], Status.BAD_NO_DATA)
    await device.publish("a", b'{"x": 2.5, "y": 1, "t": %d}' % (at + 3600), 1)
    await rig.good(texts[0], 2.5)
    assert rig.rows(texts[0])[-1][2] < (at + 60) * SECOND
    assert rig.sink.counters["future_stamps"] == 1
    assert rig.last(texts[2]) == (3.0, 0)
    await device.publish("a", b"no json", 1)
    await rig.becomes(texts[0], Status.BAD_TYPE_MISMATCH)
    assert rig.last("a") == ("no json", 0)
    await device.publish("a", bytes(2_000_000), 1)
    await rig.until(lambda: rig.sink.counters["oversized"] == 1)
    assert is_bad(rig.status("a")) or rig.last("a")[0] == "no json"


async def test_a_value_grows_old(rig_of, device):
    rig = rig_of()
    old, young = rig.point("a#;max_age=0.2"), rig.point("a")
    rig.run()
    await rig.up()
    await device.publish("a", b"1", 1)
    await rig.good("a", 1.0)
    await rig.until(lambda: any(young in tags and old not in tags for tags in rig.sink.alive_tags))


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_commands_are_published_once(rig_of, device, version):
    await device.subscribe("line/#")
    rig = rig_of(version=version, echo=0.2)
    same, apart = "line/speed", "line/valve#;write=line/valve/set;retain"
    rig.point(same)
    rig.point(apart)
    rig.run()
    await rig.up()
    result = await rig.write(same, 2.5)
    assert (result.outcome, result.sent) == (WriteOutcome.DONE, 2.5)
    await rig.good(same, 2.5)
    result = await rig.write(apart, 1.0)
    assert result.outcome is WriteOutcome.UNKNOWN
    assert "has not reported" in result.text
    await device.until(lambda: len(device.heard) == 2)
    assert [(m.topic, m.payload) for m in device.heard] == [("line/speed", b"2.5"), ("line/valve/set", b"1.0")]


async def test_a_cable_that_is_pulled_during_a_command_leaves_doubt(rig_of, proxy, device):
    rig = rig_of(timeout=0.5)
    rig.point("line/speed")
    rig.run()
    await rig.up()
    proxy.freeze()
    result = await rig.write("line/speed", 1.0)
    assert result.outcome is WriteOutcome.UNKNOWN
    assert "does not answer" in await rig.down()
    refused = await rig.write("line/speed", 2.0)
    assert refused.outcome is WriteOutcome.REFUSED
    proxy.thaw()
    await rig.up(2)


async def test_a_broker_that_hangs_is_noticed_and_found_again(rig_of, broker, device):
    rig = rig_of(timeout=0.5)
    rig.point("a")
    rig.run()
    await rig.up()
    broker.freeze()
    await rig.down()
    broker.thaw()
    await rig.up(2)
    await device.publish("a", b"3", 1)
    await rig.good("a", 3.0)
    assert [s for s, _ in rig.sink.states].count(LinkState.DOWN) == 1


async def test_a_broker_that_restarts_is_one_event(rig_of, broker):
    rig = rig_of()
    rig.point("a")
    rig.run()
    await rig.up()
    broker.kill()
    await rig.down()
    await rig.until(lambda: rig.sink.counters["failed_attempts"] >= 1)
    await broker.start()
    await rig.up(2)
    client = SoftClient(broker.port, "device")
    await client.connect()
    await client.publish("a", b"4", 1)
    await rig.good("a", 4.0)
    await client.close()
    told = [state for state, _ in rig.sink.states]
    assert told == [LinkState.CONNECTING, LinkState.UP, LinkState.DOWN, LinkState.UP]


async def test_an_address_is_tried_before_it_is_a_tag(rig_of, device):
    await device.publish("kept", b'{"v": 4}', 1, True)
    rig = rig_of()
    rig.point("a")
    rig.run()
    await rig.up()
    trial, missing = rig.point("kept#$.v"), rig.point("nowhere")
    samples = await rig.connection.read([rig.points["kept#$.v"], rig.points["nowhere"]])
    assert (samples[0].value, samples[0].status) == (4.0, LATE)
    assert samples[1].status == Status.BAD_NO_DATA
    await device.publish("kept", b'{"v": 5}', 1)
    await device.publish("a", b"1", 1)
    await rig.good("a", 1.0)
    assert rig.sink.rows(trial) == rig.sink.rows(missing) == []


def wanted(broker, topic):
    """Qualities of service in which a topic was asked for, in their order."""
    return [int(qos) for qos in re.findall(rf"\t{topic} \(QoS (\d)\)", broker.log.read_text())]


async def test_a_trial_lowers_no_tags_quality_of_service(rig_of, broker):
    rig = rig_of(qos=0)
    rig.point("a#;qos=2")
    rig.run()
    await rig.until(lambda: bool(rig.rows("a#;qos=2")))
    rig.point("a#$.x")
    await rig.connection.read([rig.points["a#$.x"]])
    assert wanted(broker, "a") == [2, 2]


async def test_a_trial_of_a_higher_quality_of_service_is_gone_with_it(rig_of, broker):
    rig = rig_of(qos=0)
    rig.point("a")
    rig.run()
    await rig.until(lambda: bool(rig.rows("a")))
    rig.point("a#$.x;qos=1")
    await rig.connection.read([rig.points["a#$.x;qos=1"]])
    assert wanted(broker, "a") == [0, 1, 0]


async def test_a_topic_that_tells_a_state_and_a_value_is_asked_for_as_a_state(rig_of, broker):
    rig = rig_of(qos=0, status="a")
    rig.point("a", TagType.STRING)
    rig.run()
    await rig.until(lambda: bool(rig.rows("a")))
    assert set(wanted(broker, "a")) == {1}


async def test_a_trial_that_is_cancelled_leaves_nothing(rig_of, broker, monkeypatch):
    rig = rig_of()
    rig.point("a")
    rig.run()
    await rig.until(lambda: bool(rig.rows("a")))
    session, probed = rig.connection._session, asyncio.Event()
    probe = session.probe

    async def seen_probe():
        await probe()
        probed.set()

    monkeypatch.setattr(session, "probe", seen_probe)
    rig.point("nowhere")
    before = asyncio.all_tasks()
    read = asyncio.create_task(rig.connection.read([rig.points["nowhere"]]))
    await probed.wait()
    read.cancel()
    await asyncio.gather(read, return_exceptions=True)
    assert asyncio.all_tasks() <= before
    assert re.search(r"UNSUBSCRIBE from \S+\n(\d+: )?\tnowhere\n", broker.log.read_text())


async def test_other_points_are_taken_while_it_runs(rig_of, device):
    await device.publish("b", b"8", 1, True)
    rig = rig_of()
    rig.point("a")
    rig.run()
    await rig.up()
    await device.publish("a", b"1", 1)
    await rig.good("a", 1.0)
    rows = len(rig.rows("a"))
    rig.point("b")
    rig.point("c")
    await rig.connection.repoint(tuple(rig.points.values()))
    await rig.becomes("b", LATE)
    await rig.becomes("c", Status.BAD_WAITING_FOR_INITIAL_DATA)
    assert len(rig.rows("a")) == rows
    await rig.connection.repoint((rig.points["b"],))
    await device.publish("a", b"2", 1)
    await device.publish("b", b"9", 1)
    await rig.good("b", 9.0)
    assert len(rig.rows("a")) == rows


async def test_browsing(rig_of, device, monkeypatch):
    monkeypatch.setattr("plugins.mqtt.directory.LISTEN", 0.3)
    await device.publish("line/speed", b"5.5", 1, True)
    await device.publish("line/state", b'{"motor": {"on": true}, "names": ["a"]}', 1, True)
    await device.publish("line", b"x", 1, True)
    rig = rig_of()
    rig.run()
    await rig.up()
    browse = rig.connection.browse
    top = await browse("")
    assert [(item.name, item.kind, item.address) for item in top] == [
        ("line", BrowseKind.FOLDER, ""),
        ("line", BrowseKind.VARIABLE, "line"),
    ]
    items = {item.name: item for item in await browse("line")}
    assert (items["speed"].address, items["speed"].type) == ("line/speed", TagType.FLOAT)
    motor = (await browse(items["state"].node))[0]
    (on,) = await browse(motor.node)
    assert (on.address, on.type) == ("line/state#$.motor.on", TagType.BOOL)


async def test_a_client_id_that_two_use_is_named(rig_of, broker):
    rig = rig_of(client_id="station-1")
    rig.run()
    rival = SoftClient(broker.port, "station-1")
    for time_ in (1, 2):
        await rig.up(time_)
        await rival.kill()
        await rival.connect()
        reason = await rig.down(time_)
    assert "Probably another client has the id 'station-1'" in reason
    await rival.close()
