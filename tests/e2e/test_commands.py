"""A setpoint's whole way: panel, rights, audit, PLC, read-back; and everybody who is turned away."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from hmi.link.codec import decode_station, encode
from hmi.link.messages import PROTOCOL, Goodbye, Hello
from tests.helpers.children import Children
from tests.helpers.plugin import ROOT
from tests.helpers_station.client import LinkUser
from tests.helpers_station.line import PASSWORD, Line

pytestmark = pytest.mark.timeout(180)

SETPOINT = "plant/bottling/mixer/level_sp"
TEMPERATURE = "plant/bottling/pasteuriser/temperature_sp"
SPEED = "plant/packaging/conveyor1/speed_sp"


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """One line for all tests of this file, with every tag Good."""
    folder = tmp_path_factory.mktemp("line")
    children = Children(folder, ROOT)
    running = Line(folder, children)
    try:
        running.start_plcs()
        running.start_station()
        with running.client() as client:
            running.wait_good(client)
        yield running
    finally:
        children.end()


def seen(client: LinkUser, path: str) -> float:
    """The value a person sees, once it is Good."""
    client.subscribe(path)
    value = client.until(path, lambda v: v.is_good).value
    assert isinstance(value, float)
    return value


def test_setpoint_acts_and_is_read_back_and_audited(line: Line) -> None:
    with line.client("operator") as client:
        now = seen(client, SETPOINT)
        command = client.write(SETPOINT, now + 1, expected=now)
        result = client.result(command)
        assert (result.state, result.value) == ("done", now + 1), result
        client.until(SETPOINT, lambda v: v.value == now + 1)
        assert [r.state for r in client.known.results[command]] == ["sent", "done"]
    records = [r for r in line.audit() if r.correlation == command]
    assert [r.result.partition(":")[0] for r in records] == ["requested", "done"]
    assert {(r.user, r.role, r.object, r.old, r.new) for r in records} == {
        ("operator", "operator", SETPOINT, str(now), str(now + 1))
    }


def test_setpoint_of_a_modbus_plc_acts(line: Line) -> None:
    with line.client("operator") as client:
        now = seen(client, SPEED)
        wanted = now + 1.5 if now < 40 else now - 1.5
        assert client.result(client.write(SPEED, wanted, expected=now)).state == "done"
        client.until(SPEED, lambda v: abs(float(v.value) - wanted) < 1e-3)


def test_plant_follows_a_setpoint(line: Line) -> None:
    measured, wanted = "plant/bottling/mixer/agitator_speed", 60.0
    with line.client("operator") as client:
        client.subscribe(measured, number=2)
        now = seen(client, "plant/bottling/mixer/agitator_speed_sp")
        assert (
            client.result(client.write("plant/bottling/mixer/agitator_speed_sp", wanted, expected=now)).state == "done"
        )
        client.until(measured, lambda v: abs(float(v.value) - wanted) < 5, 30)


def test_memory_tag_is_set_and_seen(line: Line) -> None:
    path = "plant/overview/line/shift_target"
    with line.client("operator") as client:
        now = seen(client, path)
        assert client.result(client.write(path, now - 10, expected=now)).state == "done"
        client.until(path, lambda v: v.value == now - 10)


def test_command_id_is_used_once(line: Line) -> None:
    with line.client("operator") as client:
        now = seen(client, SETPOINT)
        command = client.write(SETPOINT, now - 1, expected=now)
        assert client.result(command).state == "done"
        client.known.results.clear()
        client.write(SETPOINT, now + 2, expected=now - 1, command=command)
        again = client.result(command)
        assert again.state == "refused"
        assert "already carried out" in again.text
        assert client.until(SETPOINT, lambda v: v.value != now).value == now - 1


def test_value_that_changed_since_it_was_seen_refuses(line: Line) -> None:
    with line.client("operator") as client:
        now = seen(client, SETPOINT)
        result = client.result(client.write(SETPOINT, now + 1, expected=now + 7))
        assert result.state == "refused"
        assert client.until(SETPOINT, lambda v: v.is_good).value == now


@pytest.mark.parametrize(("path", "one", "other"), [(TEMPERATURE, 72.25, 72.75), (SPEED, 21.0, 22.0)])
def test_of_twenty_parallel_commands_one_executes(line: Line, path: str, one: float, other: float) -> None:
    clients = 4
    results: list[str] = []
    with line.client("operator") as first:
        now = seen(first, path)
        value = one if now != one else other
        gate = threading.Barrier(clients)

        def five() -> None:
            with line.client("operator") as client:
                client.tag(path)
                gate.wait(30)
                commands = [client.write(path, value, expected=now) for _ in range(5)]
                results.extend(client.result(c).state for c in commands)

        threads = [threading.Thread(target=five, name=f"operator {n}") for n in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == ["done"] + ["refused"] * 19
        assert first.until(path, lambda v: v.value == value).value == value
    asked = [r for r in line.audit() if r.object == path and r.old == str(now)]
    assert sum(r.result == "requested" for r in asked) == 1
    assert sum(r.result.startswith("refused") for r in asked) == 19


@pytest.mark.parametrize(
    ("user", "path", "sentence"),
    [
        ("", SETPOINT, "sign in"),
        ("viewer", SETPOINT, "needs the role operator"),
        ("operator", "plant/bottling/pasteuriser/loop_gain", "needs the role engineer"),
        ("operator", "plant/bottling/mixer/level", "read-only"),
    ],
)
def test_who_may_not_is_refused_and_audited(line: Line, user: str, path: str, sentence: str) -> None:
    with line.client(user) as client:
        now = seen(client, path)
        command = client.write(path, 50.0, expected=now)
        result = client.result(command)
        assert result.state == "refused"
        assert sentence in result.text
    [record] = [r for r in line.audit() if r.correlation == command]
    assert record.result == f"refused: {result.text}"


def test_who_may_not_acknowledge_is_refused(line: Line) -> None:
    with line.client("viewer") as client:
        client.alarms()
        result = client.acknowledge([])
        assert result.state == "refused"
        assert "Sign in as an operator" in result.text


def test_wrong_password_is_one_sentence_and_gives_no_rights(line: Line) -> None:
    with line.client() as client:
        for user in ("operator", "nobody"):
            answer = client.sign_in(user, "not-the-password")
            assert (answer.user, answer.role, answer.error) == ("", "none", "User name or password is wrong.")
    attempts = [r for r in line.audit() if r.action == "sign-in" and r.result.startswith("refused")]
    assert {"operator", "nobody"} <= {r.user for r in attempts}
    assert not any("not-the-password" in str(r) for r in attempts)


def test_client_without_the_key_sees_nothing_and_sends_no_password(line: Line) -> None:
    with line.client(local=False) as client:
        assert not client.opened().admitted.may_view
        with pytest.raises(AssertionError, match="Sign in to see values"):
            client.status()
        with pytest.raises(Exception, match="has not proved"):
            client.sign_in("operator", PASSWORD)
        client.wait(lambda k: len(k.beats) > 2, "beats")
        assert not client.known.values
        assert not client.known.has_alarms


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://127.0.0.1"}, {"Origin": "null"}, {"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example"}],
)
def test_foreign_pages_are_refused(line: Line, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus, match="403"), _raw(line.url, headers):
        pass


def _raw(url: str, headers: dict[str, str]) -> connect:
    """A plain WebSocket; a Host of one's own is only possible by connecting to an address beside the name."""
    host = headers.pop("Host", None)
    if host is None:
        return connect(f"{url}/link", additional_headers=headers, compression=None, proxy=None)
    port = int(url.rpartition(":")[2])
    return connect(f"ws://{host}/link", address=("127.0.0.1", port), compression=None, proxy=None)


def test_other_protocol_version_gets_a_sentence(line: Line) -> None:
    with _raw(line.url, {}) as socket:
        socket.send(encode(Hello(99, "panel 9", "pc", bytes(32))))
        said = decode_station(bytes(socket.recv(10)))
        assert isinstance(said, Goodbye)
        assert f"protocol version {PROTOCOL}, the client version 99" in said.reason
        with pytest.raises(ConnectionClosed):
            socket.recv(10)


def test_garbage_ends_the_session_and_not_the_station(line: Line) -> None:
    for garbage in (b"", b"\xff" * 100, b"\x93\xa1t", "text", b"\xc1" * 300_000):
        with _raw(line.url, {}) as socket:
            socket.send(garbage)
            with pytest.raises(ConnectionClosed):
                list(iter(lambda: socket.recv(10), None))
    with line.client() as client:
        assert client.status().scans > 0


def test_cli_verifies_and_exports_the_audit_trail(line: Line) -> None:
    with line.client("operator") as client:
        now = seen(client, SETPOINT)
        assert client.result(client.write(SETPOINT, now, expected=now)).state == "done"
    assert "whole" in line.said("audit", "verify", "--store", line.store)
    rows = [json.loads(row) for row in line.said("audit", "export", "--store", line.store).splitlines()]
    assert [row["correlation"] for row in rows] == [r.correlation for r in line.audit()]
    assert {"requested", "done"} <= {row["result"].partition(":")[0] for row in rows}


def test_cli_reads_status_and_values(line: Line) -> None:
    assert "not found" not in line.said("status", "--connect", line.url)
    said = line.said("read", SETPOINT, "plant/bottling/mixer/state", "--connect", line.url)
    assert "Good" in said


@pytest.mark.parametrize(
    ("value", "typed", "code", "says"),
    [
        ("61", PASSWORD, 0, f"{SETPOINT} is now 61 %."),
        ("5", PASSWORD, 1, "below the lowest allowed value"),
        ("61", "not-the-password", 1, "User name or password is wrong."),
        ("61", "", 1, "A password is needed"),
    ],
)
def test_cli_writes_with_a_password_from_a_pipe(line: Line, value: str, typed: str, code: int, says: str) -> None:
    command = [
        sys.executable,
        "-m",
        "hmi",
        "write",
        SETPOINT,
        value,
        "--connect",
        line.url,
        "--user",
        "operator",
        "--yes",
    ]
    environment = {**os.environ, **line.env}
    done = subprocess.run(
        command, env=environment, input=typed, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == code, done.stderr
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
