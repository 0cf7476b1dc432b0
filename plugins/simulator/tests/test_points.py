"""Signals, recordings and memory give what the README says."""

import asyncio
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import AddressError, ConnectionSpec, LinkState, Point, WriteOutcome
from hmi.drivers.conformance import Recorder, SystemClock
from hmi.drivers.supervisor import LinkLostError
from plugins.simulator.driver import DRIVER
from plugins.simulator.memory import MOST_LINES, FileMemory
from plugins.simulator.recording import Recording
from plugins.simulator.signals import Walk, value_at


def signal(text):
    return DRIVER.parse_address(text, TagType.FLOAT)


@pytest.mark.parametrize(
    ("text", "at", "value"),
    [
        ("sine:period=60", 0, 50.0),
        ("sine:period=60", 15, 100.0),
        ("sine:period=60,low=-1,high=1", 45, -1.0),
        ("sine:period=60,phase=0.25", 0, 100.0),
        ("ramp:period=10,high=10", 7, 7.0),
        ("ramp:period=10,high=10", 17, 7.0),
        ("square:period=10,duty=0.3", 6.9, 0.0),
        ("square:period=10,duty=0.3", 7.1, 100.0),
    ],
)
def test_a_wave_is_a_function_of_time(text, at, value):
    assert value_at(signal(text), at) == pytest.approx(value)


@given(st.integers(0, 99), st.floats(0.01, 1000))
def test_a_walk_stays_between_its_walls_and_repeats(seed, step):
    address = signal(f"walk:low=-5,high=5,step={step}")
    one, two = (Walk(address, seed, "a/b") for _ in range(2))
    values = [one.step() for _ in range(50)]
    assert values == [two.step() for _ in range(50)]
    assert all(-5 <= value <= 5 for value in values)


def test_equal_signals_are_equal_however_they_are_written():
    assert signal("sine") == signal("sine:high=100,low=0") != signal("sine:high=99")


def test_a_text_tag_has_no_signal():
    with pytest.raises(AddressError, match="the tag is a text"):
        DRIVER.parse_address("sine", TagType.STRING)


RECORDED = "time,level,name\n0,1,a\n10,2,b\n20,3,\n"


@pytest.fixture
def recorded(tmp_path):
    file = tmp_path / "recorded.csv"
    file.write_text(RECORDED)
    return file


@pytest.mark.parametrize(("loop", "expected"), [(True, ["1", "1", "2", "1", "2"]), (False, ["1", "1", "2", "3", "3"])])
def test_a_recording_is_played(recorded, loop, expected):
    recording = Recording(recorded, loop=loop)
    assert [recording.cell("level", at) for at in (0, 9.9, 10, 20, 30)] == expected
    assert recording.cell("nowhere", 0) is recording.cell("time", 0) is None
    assert recording.names == ["level", "name"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no rows"),
        ("time,a\n", "has no rows"),
        ("a,b\n1,2\n", "has no time in row 2"),
        ("time,a\n1,2\nx,2\n", "has no time in row 3"),
        ("time,a\n1,2\n1,2\n", "goes back in row 3"),
    ],
)
def test_a_poor_recording_is_a_sentence(tmp_path, text, sentence):
    (tmp_path / "poor.csv").write_text(text)
    with pytest.raises(LinkLostError, match=sentence):
        Recording(tmp_path / "poor.csv", loop=True)
    with pytest.raises(LinkLostError, match="cannot be read"):
        Recording(tmp_path / "gone.csv", loop=True)


def test_a_long_memory_file_is_shortened_to_what_it_says(tmp_path):
    file = tmp_path / "memory.csv"
    file.write_text("b,7\n" + "".join(f"a,{n}\n" for n in range(MOST_LINES)))
    memory = FileMemory(file)
    memory.refresh()
    assert file.read_text() == f"b,7\na,{MOST_LINES - 1}\n"
    memory.put("a", "1")
    memory.refresh()
    assert (memory.get("a"), memory.get("b"), memory.get("c")) == ("1", "7", None)


class At(SystemClock):
    """A clock whose hands the test moves."""

    utc = 15 * SECOND

    def now(self):
        return Instants(super().now().mono, self.utc)


def points(*texts, type_=TagType.FLOAT, scan=0.02):
    return tuple(
        Point(n, text, DRIVER.parse_address(text, type_), type_, scan, writable=True) for n, text in enumerate(texts, 1)
    )


@pytest.fixture
async def start():
    jobs = []

    async def start(*points, **options):
        recorder, clock = Recorder(), At()
        spec = ConnectionSpec("sim", "simulator", DRIVER.parse_options("simulator", options), points, True)
        connection = DRIVER.connect(spec, recorder, clock)
        jobs.append(asyncio.create_task(connection.run()))
        await recorder.until(lambda: recorder.count_of(LinkState.UP) == 1, "It never came up.")
        return connection, recorder, clock

    yield start
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)


async def test_values_of_every_kind_with_their_status(start, recorded):
    all_points = points("sine", "csv:level", "csv:nowhere", "memory:m")
    _, recorder, clock = await start(*all_points, recording=str(recorded), quality="simulated")
    await recorder.until(lambda: bool(recorder.rows(4)), "No value came.")
    assert recorder.last(1) == (100.0, Status.UNCERTAIN_SIMULATED_VALUE)
    assert recorder.last(2) == (1.0, Status.UNCERTAIN_SIMULATED_VALUE)
    assert recorder.last(3)[1] == Status.BAD_NODE_ID_UNKNOWN
    assert recorder.last(4) == (0.0, Status.UNCERTAIN_SIMULATED_VALUE)
    clock.utc += 10 * SECOND
    await recorder.until(lambda: recorder.last(2)[0] == 2.0, "The recording was not played.")


@pytest.mark.parametrize(("type_", "value"), [(TagType.BOOL, 1.0), (TagType.INT, 93.0)])
async def test_a_signal_fits_the_tags_type(start, type_, value):
    _, recorder, clock = await start(*points("sine", type_=type_))
    clock.utc = 10 * SECOND
    await recorder.until(lambda: recorder.last(1)[0] == value, "It never had the type's value.")


async def test_memory_is_written_and_a_signal_is_not(start):
    connection, recorder, _ = await start(*points("memory:m", "sine"))
    memory, sine = points("memory:m", "sine")
    assert (await connection.write(memory, 7.5)).outcome is WriteOutcome.DONE
    await recorder.until(lambda: recorder.last(1)[0] == 7.5, "It was not kept.")
    refused = await connection.write(sine, 1.0)
    assert refused.outcome is WriteOutcome.REFUSED
    assert "only memory can be written" in refused.text


async def test_other_points_leave_those_that_stay_alone(start):
    connection, recorder, _ = await start(*points("memory:m"))
    await recorder.until(lambda: bool(recorder.rows(1)), "No value came.")
    await connection.repoint(points("memory:m", "memory:n"))
    await recorder.until(lambda: bool(recorder.rows(2)), "The new point was never told.")
    assert len(recorder.rows(1)) == 1


async def test_its_directory_names_what_can_be_a_tag(start, recorded):
    connection, _, _ = await start(*points("memory:m"), recording=str(recorded))
    await connection.write(points("memory:m")[0], 1.0)
    assert [item.node for item in await connection.browse("")] == ["signals", "csv", "memory"]
    assert [item.address for item in await connection.browse("csv")] == ["csv:level", "csv:name"]
    assert [(i.address, i.writable) for i in await connection.browse("memory")] == [("memory:m", True)]
    for item in await connection.browse("signals"):
        assert DRIVER.parse_address(item.address, TagType.FLOAT)
    with pytest.raises(AddressError):
        await connection.browse("nowhere")


async def test_reading_moves_no_walk_on(start):
    connection, recorder, _ = await start(*points("walk", scan=30.0))
    await recorder.until(lambda: bool(recorder.rows(1)), "No value came.")
    samples = await connection.read(points("walk") * 3)
    assert {sample.value for sample in samples} == {recorder.last(1)[0]}


async def test_walks_that_are_tried_are_each_their_own(start):
    connection, _, _ = await start()
    low, high = (Point(-1, text, signal(text), TagType.FLOAT, 1.0) for text in ("walk:high=1", "walk:low=9,high=10"))
    first = await connection.read([low, high])
    assert first[0].value <= 1.0
    assert first[1].value >= 9.0
    assert await connection.read([low, high]) == first, "looking moves none on"


async def test_a_walk_is_seeded_once(start, monkeypatch):
    made = []

    class Counted(Walk):
        def __init__(self, *facts):
            made.append(facts)
            super().__init__(*facts)

    monkeypatch.setattr("plugins.simulator.connection.Walk", Counted)
    _, recorder, _ = await start(*points("walk"))
    await recorder.until(lambda: len(recorder.rows(1)) > 3, "It did not walk.")
    assert len(made) == 1


def test_the_door_knows_it():
    from hmi.drivers.api import Browser, Described, Repointable
    from plugins.simulator.connection import SimulatorConnection

    assert isinstance(DRIVER, Described)
    spec = ConnectionSpec("sim", "simulator", DRIVER.parse_options("simulator", {}), (), False)
    connection = SimulatorConnection(spec, spec.options, Recorder(), SystemClock(), Random())
    assert isinstance(connection, Browser)
    assert isinstance(connection, Repointable)
    assert DRIVER.parse_address(DRIVER.address_example, TagType.FLOAT)
