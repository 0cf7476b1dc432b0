"""The host's own session at a real broker: what it says of itself, and what it does when that is denied or lost."""

import json
import re

import pytest

from hmi.core.quality import Status, is_bad
from hmi.drivers.api import LinkState, WriteOutcome
from plugins.sparkplug.tests import encoder as e
from tests.helpers_drivers.mqtt_client import SoftClient

STATE = "spBv1.0/STATE/lineside"
LEVEL = "Plant/Press#Level"


def states(observer):
    return [json.loads(m.payload) for m in observer.heard if m.topic == STATE]


async def test_it_connects_with_a_will_subscribes_and_then_says_that_it_is_there(rig_of, broker, observer):
    rig = rig_of()
    rig.run()
    await rig.up()
    await observer.until(lambda: bool(states(observer)))
    assert states(observer)[0]["online"] is True
    log = broker.log.read_text()
    places = [
        re.search(pattern, log)
        for pattern in (
            rf"Will message specified \(\d+ bytes\) \(r1, q1\)\.\n.*{STATE}",
            rf"{STATE} \(QoS 1\)",
            r"spBv1\.0/\+/NBIRTH/\+ \(QoS 0\)",
            rf"Received PUBLISH from \S+ \(d0, q1, r1, m\d+, '{STATE}'",
        )
    ]
    assert all(places)
    assert [place.start() for place in places] == sorted(place.start() for place in places)


async def test_the_will_has_the_time_of_the_connect(rig_of, proxy, observer):
    rig = rig_of()
    rig.run()
    await rig.up()
    await observer.until(lambda: len(states(observer)) == 1)
    await proxy.stop()
    await observer.until(lambda: len(states(observer)) == 2, "the broker never told that the host is gone")
    assert states(observer)[1] == {"online": False, "timestamp": states(observer)[0]["timestamp"]}


async def test_it_says_goodbye_when_it_leaves(rig_of, observer, broker):
    rig = rig_of()
    rig.run()
    await rig.up()
    await rig.stop()
    await observer.until(lambda: len(states(observer)) == 2)
    online, offline = states(observer)
    assert offline["online"] is False
    assert offline["timestamp"] >= online["timestamp"]
    late = SoftClient(broker.port, "late")
    await late.connect()
    await late.subscribe(STATE)
    await late.until(lambda: bool(late.heard))
    assert late.heard[0].retain
    await late.close()


async def test_it_repeats_its_state_when_somebody_denies_it(rig_of, observer):
    rig = rig_of()
    rig.run()
    await rig.up()
    await observer.until(lambda: len(states(observer)) == 1)
    await observer.publish(STATE, b'{"online":false,"timestamp":1}', 1, True)
    await observer.until(lambda: len(states(observer)) == 3)
    assert states(observer)[2] == states(observer)[0]


async def test_another_host_with_its_id_is_told_once(rig_of, observer):
    rig = rig_of()
    rig.run()
    await rig.up()
    own = states(observer)[0] if states(observer) else None
    for _ in range(3):
        await observer.publish(STATE, b'{"online":true,"timestamp":99999999999999}', 1, True)
    await rig.until(lambda: rig.sink.counters["foreign_states"] == 3)
    (told,) = rig.sink.conditions
    assert told.active
    assert "host_id" in told.message
    assert own is None or own["online"]


async def test_a_broker_that_restarts_is_one_event(rig_of, broker, edge_of):
    edge = await edge_of(Level=(10, 1.5))
    rig = rig_of()
    rig.point(LEVEL)
    rig.run()
    await rig.good(LEVEL, 1.5)
    broker.kill()
    await rig.down()
    await edge.kill()
    assert is_bad((await rig.connection.read([rig.points[LEVEL]]))[0].status)
    await broker.start()
    await edge.start()
    await rig.up(2)
    await rig.good(LEVEL, 1.5)
    told = [state for state, _ in rig.sink.states]
    assert told == [LinkState.CONNECTING, LinkState.UP, LinkState.DOWN, LinkState.UP]


async def test_a_cable_that_is_pulled_is_noticed_and_healed(rig_of, proxy, edge_of):
    await edge_of(Level=(10, 1.5))
    rig = rig_of(timeout=0.5)
    rig.point(LEVEL)
    rig.run()
    await rig.up()
    proxy.freeze()
    reason = await rig.down()
    assert "does not answer" in reason
    assert "mqtt://127.0.0.1" in reason
    proxy.thaw()
    await rig.up(2)
    await rig.good(LEVEL, 1.5)


async def test_a_cable_that_is_pulled_during_a_command_leaves_doubt_and_no_second_command(rig_of, proxy, edge_of):
    edge = await edge_of(Level=(10, 1.5))
    rig = rig_of(timeout=0.5)
    rig.point(LEVEL)
    rig.run()
    await rig.up()
    proxy.freeze()
    result = await rig.write(LEVEL, 2.5)
    assert result.outcome is WriteOutcome.UNKNOWN
    assert "Read the value back" in result.text
    await rig.down()
    proxy.thaw()
    await rig.up(2)
    assert [c for c in edge.commands if c[1] == "Level"] in ([], [("", "Level", 2.5)])


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_a_client_id_that_two_use_is_named_and_given_way_to(rig_of, broker, version):
    rig = rig_of(client_id="station-1", version=version)
    rig.run()
    rival = SoftClient(broker.port, "station-1")
    for time in (1, 2):
        await rig.up(time)
        await rival.kill()
        await rival.connect()
        reason = await rig.down(time)
    assert "closes the connection again and again" in reason
    assert "'station-1'" in reason
    assert "client_id" in reason
    # It stays away for seconds now, so that the rival is not thrown out at once.
    await rival.publish("x", b"", 1)
    assert rival.is_open
    assert rig.sink.count_of(LinkState.UP) == 2
    await rival.close()


async def test_nodes_are_asked_for_births_only_when_they_have_tags(rig_of, edge_of):
    press, other = await edge_of(Level=(10, 1.0)), await edge_of("Other", Level=(10, 2.0))
    rig = rig_of()
    rig.point(LEVEL)
    rig.run()
    await rig.good(LEVEL, 1.0)
    other.report("Level", 3.0)
    await rig.until(lambda: rig.sink.counters["before_birth"] >= 1)
    assert press.births == 2
    assert other.births == 1


async def test_a_request_for_a_birth_has_a_time_and_no_number(rig_of, edge_of):
    edge = await edge_of(Level=(10, 1.0))
    rig = rig_of()
    rig.point(LEVEL)
    rig.run()
    await rig.good(LEVEL, 1.0)
    (request,) = edge.raw_commands
    assert request.topic == "spBv1.0/Plant/NCMD/Press"
    assert (request.qos, request.retain) == (0, False)
    numbers = [field.number for field in e.fields(request.payload)]
    assert numbers == [1, 2]


async def test_a_node_that_is_not_there_is_told(rig_of):
    rig = rig_of()
    rig.point(LEVEL)
    rig.run()
    await rig.becomes(LEVEL, Status.BAD_NO_COMMUNICATION)
    result = await rig.write(LEVEL, 1.0)
    assert result.outcome is WriteOutcome.REFUSED
    assert "Plant/Press is not there" in result.text
