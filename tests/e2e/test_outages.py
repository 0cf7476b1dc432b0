"""Power cuts in every order: PLCs, the station and clients are killed and come back; nothing is lost or told twice."""

import time
from collections.abc import Callable

import pytest

from hmi.core.quality import Status
from hmi.link.messages import AlarmRow, Journal, JournalRow, ReadJournal
from tests.helpers_station.client import Known, LinkUser, Shown
from tests.helpers_station.line import PLCS, Line

pytestmark = pytest.mark.timeout(180)

NO_COMMUNICATION = int(Status.BAD_NO_COMMUNICATION)


def journal(client: LinkUser) -> list[JournalRow]:
    """The newest alarm transitions."""
    return list(client.ask(ReadJournal(client.number(), None, 1000), Journal).rows)


def connected(name: str) -> str:
    return f"system/{name}/connected"


def numbers(rows: dict[str, AlarmRow]) -> dict[str, tuple[int, str]]:
    """Event number and state of each alarm that is not normal."""
    return {name: (row.event, row.state) for name, row in rows.items()}


def all_are(client: LinkUser, tags: list[int], wanted: Callable[[Shown], bool], what: str) -> None:
    """Waits until all these tags are shown as wanted."""

    def look(known: Known) -> bool:
        return all(tag in known.values and wanted(known.values[tag]) for tag in tags)

    client.wait(look, what, 45)


def is_good(shown: Shown) -> bool:
    return shown.is_good


def is_bad(shown: Shown) -> bool:
    return shown.status >> 31 == 1


def test_killed_plcs_turn_bad_and_come_back_by_themselves(line: Line) -> None:
    line.start_plcs()
    line.start_station()
    scans = {name: line.scans(name) for name in PLCS}
    with line.client("operator") as client:
        client.subscribe(*(path for paths in scans.values() for path in paths))
        tags = {name: [client.tag(path).tag for path in paths] for name, paths in scans.items()}
        every = [tag for those in tags.values() for tag in those]
        all_are(client, every, is_good, "Good values")

        killed = {}
        for name in ("packaging", "process", "utilities"):
            line.plcs[name].kill()
            killed[name] = time.time_ns()
            seen = len(client.known.samples)
            all_are(client, tags[name][:1], is_bad, f"the first tag of {name}")
            others = {tag for other in PLCS if other not in killed for tag in tags[other]}
            assert not [v for tag, v in client.known.samples[seen:] if tag in others and not v.is_good]
        all_are(client, every, is_bad, "Bad values")
        late = {
            path: round((shown.time - killed[name]) / 1e9, 2)
            for name in PLCS
            for path, scan in scans[name].items()
            if (shown := client.known.values[client.tag(path).tag]).time
            > killed[name] + (max(2.0, 3 * scan) + 1.0) * 1e9  # what was on its way when it died is its last sign
        }
        assert not late, f"seconds for which values still looked live after their PLC had died: {late}"
        assert {client.known.values[t].status & 0xFFFF0000 for t in every} == {NO_COMMUNICATION}

        client.wait(lambda k: {r.path for r in k.alarms.values()} >= {connected(n) for n in PLCS}, "the alarms")
        rows = client.alarms()
        for name in PLCS:
            assert rows[f"{connected(name)}/lost"].state == "UNACK"
        assert client.acknowledge([rows[f"{connected(n)}/lost"] for n in PLCS], "seen").state == "done"

        for name in ("utilities", "packaging", "process"):
            line.start_plc(name)
        all_are(client, every, is_good, "Good values again")
        for name in PLCS:
            path = connected(name)
            client.wait(lambda k, p=path: all(r.path != p for r in k.alarms.values()), f"the alarm of {name} to go")
            steps = [r.after for r in reversed(journal(client)) if r.path == path]
            assert steps == ["UNACK", "ACKED", "NORM"], name  # one alarm, no storm
            notices = [n.split(" ", 1)[1] for n in client.status().notices]
            told = [n.split(": ")[0] for n in notices if n.startswith("connection-") and name in n]
            assert told == ["connection-up", "connection-down", "connection-up"], name


def test_frozen_plcs_turn_bad_although_their_sockets_are_open(line: Line) -> None:
    names = ("process", "packaging")
    line.start_plcs(*names)
    line.start_station()
    scans = {p: s for name in names for p, s in line.scans(name).items() if s <= 1}
    with line.client() as client:
        client.subscribe(*scans)
        tags = [client.tag(path).tag for path in scans]
        all_are(client, tags, is_good, "Good values")
        for name in names:
            line.plcs[name].suspend()
        frozen = time.time_ns()
        try:
            all_are(client, tags, is_bad, "Bad values")
        finally:
            for name in names:
                line.plcs[name].resume()
        late = {
            path: round((shown.time - frozen) / 1e9, 2)
            for path, scan in scans.items()
            if (shown := client.known.values[client.tag(path).tag]).time > frozen + (max(2.0, 3 * scan) + 1.0) * 1e9
        }
        assert not late, f"seconds for which values still looked live after their PLC had frozen: {late}"
        all_are(client, tags, is_good, "Good values again")
    assert line.stop_station() == 0
    stored = {t["path"] for t in line.tags() if t.get("history", {}).get("store", True)}
    for path in stored & scans.keys():
        *_, last = [status for status in line.history(path).status.tolist() if status != Status.BAD_NO_DATA]
        assert last >> 31 == 0, f"{path}: the outage never ends in history"


def test_killed_station_forgets_nothing_and_tells_nothing_twice(line: Line) -> None:
    stop, waiting = "plant/bottling/mixer/cmd_stop", "plant/bottling/mixer/waiting"
    stepped, fast, target = (
        "plant/bottling/mixer/recipe",
        "plant/bottling/mixer/level",
        "plant/overview/line/shift_target",
    )
    waiting = "plant/overview/mixer/waiting/waiting"
    away = f"{connected('utilities')}/lost"
    line.start_plcs("process", "packaging")
    line.start_station()
    with line.client("operator") as client:
        client.subscribe(stop, stepped, fast, target)
        client.until(stop, is_good, 45)
        client.until(stepped, is_good)
        assert client.result(client.write(stop, 1.0)).state == "done"
        was = client.until(target, is_good).value
        assert client.result(client.write(target, 170_001.0, expected=was)).state == "done"
        client.until(target, lambda v: v.value == 170_001.0)
        client.wait(lambda k: {f"{r.path}/{r.id}" for r in k.alarms.values()} >= {waiting, away}, "two alarms", 45)
        assert client.acknowledge([client.alarms()[waiting]], "I stopped it").state == "done"
        before, told = client.alarms(), journal(client)
        stored = {path: line.history(path) for path in (stepped, fast)}
    line.running.kill()

    killed = time.time_ns()
    for path, batch in stored.items():
        after = line.history(path)
        assert after.time[: len(batch)].tolist() == batch.time.tolist(), path
        assert after.value[: len(batch)].tolist() == batch.value.tolist(), path
    assert killed - line.history(fast).time[-1] < 5e9, "the last seconds are missing"

    line.start_station()
    with line.client() as client:
        client.subscribe(stop, stepped, fast, target)
        now = client.alarms()
        for name in (waiting, away):
            assert (now[name].event, now[name].state) == (before[name].event, before[name].state), name
        assert now[waiting].state == "ACKED"
        assert client.until(target, is_good).value == 170_001.0
        client.until(fast, is_good, 45)
        again = journal(client)
        assert [r for r in again if r.event <= told[0].event] == told
        assert not [r for r in again if r.event > told[0].event and f"{r.path}/{r.id}" in (waiting, away)]
        assert any(" station-crashed: " in n for n in client.status().notices)
    assert line.stop_station() == 0
    for path in (stepped, fast):
        rows = line.history(path)
        gap = [s for t, s in zip(rows.time.tolist(), rows.status.tolist(), strict=True) if t <= killed][-1]
        assert gap & 0xFFFF0000 == Status.BAD_NO_DATA, f"{path} seems Good through the time in which nobody looked"


def test_command_on_the_way_at_a_power_cut_is_not_sent_twice(line: Line) -> None:
    path = "plant/bottling/mixer/level_sp"
    line.start_plcs("process")
    line.start_station()
    commands = []
    with line.client("operator") as client:
        client.subscribe(path)
        was = float(client.until(path, is_good, 45).value)
        for step in range(1, 4):
            commands.append(client.write(path, was + step, expected=was + step - 1))
            if step < 3:
                assert client.result(commands[-1]).state == "done"
        line.running.kill()
    line.start_station()
    with line.client("operator") as client:
        client.subscribe(path)
        now = float(client.until(path, is_good, 45).value)
        for command in commands[:2]:
            client.write(path, 30.0, expected=now, command=command)
            assert "already carried out" in client.result(command).text
        client.write(path, was + 3, expected=now, command=commands[2])
        client.result(commands[2])
        client.until(path, lambda v: v.value == was + 3)
    requested = [r.correlation for r in line.audit() if r.result == "requested"]
    assert len(requested) == len(set(requested))
    assert set(commands[:2]) <= set(requested)


def test_orderly_stop_loses_nothing_a_client_saw(line: Line) -> None:
    paths = ("plant/bottling/mixer/level", "plant/bottling/filler/bowl_level", "plant/packaging/line/throughput")
    line.start_plcs("process", "packaging")
    line.start_station()
    with line.client() as client:
        client.subscribe(*paths, samples=True)
        tags = {client.tag(path).tag: path for path in paths}
        counts = {client.tag(path).tag: least for path, least in zip(paths, (20, 20, 1), strict=True)}
        client.wait(
            lambda k: all(sum(t == tag and v.is_good for t, v in k.samples) >= n for tag, n in counts.items()),
            "samples of all",
            60,
        )
        assert line.stop_station() == 0
        client.ended()
        seen = [(tags[tag], shown) for tag, shown in client.known.samples if shown.is_good]
    assert client.known.ended.startswith("The station closed the connection: The station stops.")
    rows = {path: line.history(path) for path in paths}
    stored = {path: set(zip(b.time.tolist(), b.value.tolist(), strict=True)) for path, b in rows.items()}
    missing = [(path, shown) for path, shown in seen if (shown.time, shown.value) not in stored[path]]
    assert not missing, f"{len(missing)} of {len(seen)} samples that a client saw are not in history: {missing[:5]}"
    line.start_station()
    with line.client() as client:
        assert not any(" station-crashed: " in n for n in client.status().notices)


ORDERS = (
    ("station", "process", "packaging"),
    ("packaging", "station", "process"),
    ("process", "packaging", "station"),
    ("station", "station", "process"),
)


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_any_order_of_deaths_keeps_what_was_committed(line: Line, order: tuple[str, ...]) -> None:
    path, target = "plant/bottling/mixer/level", "plant/overview/line/shift_target"
    line.start_plcs("process", "packaging")
    line.start_station()
    value = 180_000.0
    history, told = line.history(path), list[JournalRow]()
    for victim in order:
        with line.client("operator") as client:
            client.subscribe(path, target)
            client.until(path, is_good, 60)
            client.until(target, lambda v, w=value: v.value == w)
            assert client.result(client.write(target, value - 1, expected=value)).state == "done"
            value -= 1
            client.until(target, lambda v, w=value: v.value == w)
            waiting = [row for row in client.alarms().values() if row.state == "UNACK"]
            if waiting:
                assert client.acknowledge(waiting[:1]).state == "done"
            rows = journal(client)
            assert rows[len(rows) - len(told) :] == told, "the journal's past has changed"
            numbers = [r.event for r in reversed(rows)]
            assert numbers == sorted(set(numbers))
            told = rows
        now = line.history(path)
        # A busy PLC's late sample is sorted in before what is there; nothing that was there goes.
        assert set(history.time.tolist()) <= set(now.time.tolist())
        history = now
        if victim == "station":
            line.running.kill()
            line.start_station()
        else:
            line.plcs[victim].kill()
            line.start_plc(victim)
    with line.client() as client:
        client.subscribe(path, target)
        client.until(path, is_good, 60)
        assert client.until(target, is_good).value == value
    assert [r.result.partition(":")[0] for r in line.audit() if r.action == "write"] == ["requested", "done"] * len(
        order
    )
    assert "sound" in line.said("history", "verify", "--store", line.store)
