"""A store survives what happens to a process and its files: kill -9 at any moment, a log cut anywhere."""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from hmi.core.batch import batch_of
from hmi.core.instants import Instants
from hmi.core.quality import Status
from hmi.historian.audit import AuditEntry
from hmi.historian.catalogue import Catalogue
from hmi.historian.event_reader import EventReader, Query
from hmi.historian.events import open_events
from hmi.historian.files import MOST_PARTS, present, remove_log
from hmi.historian.sqlite import Connection
from hmi.historian.store import StoreOptions, StoreWriter, open_reader, open_store
from tests.helpers_historian.ruins import break_tree

LATEST = 1 << 60
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="fork and SIGKILL are POSIX")


class Nursery:
    """Starts writers and kills them."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the writer's parent ended"
        return line.strip()

    def kill_after(self, folder: Path, number: int, confirmations: int, choose: random.Random) -> int:
        """Lets a writer start at batch `number`, kills it after some confirmations; gives the last confirmed one."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{folder} {number}\n")
        self._process.stdin.flush()
        # The child's first confirmations may come before its parent tells its number.
        confirmed, pid = number - 1, 0
        while not pid or confirmations > 0:
            line = self._line()
            if line.startswith("pid "):
                pid = int(line[4:])
            else:
                confirmed = int(line)
                confirmations -= 1
        for _ in range(choose.randrange(20_000)):
            pass  # a moment of random length, so that death comes at any point of the next commit or merge
        os.kill(pid, signal.SIGKILL)
        while (line := self._line()) != "dead":
            confirmed = int(line)
        return confirmed


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    program = Path(__file__).with_name("dying_writer.py")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen(
        [sys.executable, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield Nursery(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == 0


def batches_in(folder: Path) -> dict[int, int]:
    """How many samples of each batch are stored; every one must have the time and value it was given."""
    found: dict[int, int] = {}
    reader = open_reader(folder)
    for tag in (1, 2, 3):
        page = reader.read_raw(tag, 0, LATEST)
        assert len(set(page.time.tolist())) == len(page.time)
        for time, value in zip(page.time.tolist(), page.value.tolist(), strict=True):
            number, place = divmod(time, 100)
            assert (float(number), 1 + place % 3) == (value, tag)
            found[number] = found.get(number, 0) + 1
    assert reader.info().samples == sum(found.values())
    assert reader.verify() == []
    reader.close()
    return found


def audited_in(folder: Path) -> set[int]:
    """The batches the audit trail knows; it must be whole, whenever the writer died."""
    reader = EventReader(folder)
    assert reader.verify_audit() == []
    found = [int(record.new) for record in reader.audit(Query(limit=100_000)).lines]
    reader.close()
    return set(found)


def die_often(nursery: Nursery, folder: Path, deaths: int) -> None:
    choose = random.Random(deaths)
    number = 1
    confirmed: set[int] = set()
    for _ in range(deaths):
        last = nursery.kill_after(folder, number, choose.randrange(1, 12), choose)
        confirmed.update(range(number, last + 1))
        stored = batches_in(folder)
        assert audited_in(folder) >= {n for n in confirmed if n % 3 == 0}
        missing = [n for n in confirmed if stored.get(n, 0) != n % 17 + 1]
        assert not missing, "confirmed samples are gone"
        number = max(stored) + 1
    assert all(count == n % 17 + 1 for n, count in stored.items()), "a batch is stored in part"


@pytest.mark.timeout(120)
def test_no_confirmed_sample_is_lost_or_doubled_by_kill_9(nursery: Nursery, tmp_path: Path) -> None:
    die_often(nursery, tmp_path, 20)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_no_confirmed_sample_is_lost_or_doubled_by_many_kill_9(nursery: Nursery, tmp_path: Path) -> None:
    die_often(nursery, tmp_path, 200)


@pytest.mark.timeout(120)
def test_no_sample_confirmed_after_its_file_was_ruined_is_lost_by_kill_9(nursery: Nursery, tmp_path: Path) -> None:
    choose = random.Random(9)
    number = 1
    since: set[int] = set()
    for death in range(16):
        last = nursery.kill_after(tmp_path, number, choose.randrange(1, 12), choose)
        since.update(range(number, last + 1))
        stored = good_batches_in(tmp_path)
        assert not [n for n in since if stored.get(n, 0) != n % 17 + 1]
        number = max(last, *stored) + 1
        files = present(tmp_path)
        if death % 3 == 2 and files and files[-1].part < MOST_PARTS:
            path = files[-1].path(tmp_path)
            remove_log(path)
            break_tree(path)
            since.clear()
    assert present(tmp_path)[-1].part >= 3


def good_batches_in(folder: Path) -> dict[int, int]:
    """How many samples of each batch are read; each once, with the time and value it was given."""
    found: dict[int, int] = {}
    reader = open_reader(folder)
    for tag in (1, 2, 3):
        page = reader.read_raw(tag, 0, LATEST)
        assert len(set(page.time.tolist())) == len(page.time)
        good = page.status == 0
        assert (page.status[~good] == Status.BAD_DATA_LOST).all()
        for time, value in zip(page.time[good].tolist(), page.value[good].tolist(), strict=True):
            number, place = divmod(time, 100)
            assert (float(number), 1 + place % 3) == (value, tag)
            found[number] = found.get(number, 0) + 1
    reader.close()
    return found


def clock() -> Instants:
    return Instants(0, 1)


def filled(folder: Path, options: StoreOptions) -> StoreWriter:
    """A store with 32 flushes of two samples, still open; not on a number of flushes at which it would be filing."""
    writer = open_store(folder, clock=clock, options=options, on_health=lambda _event: None)
    for i in range(32):
        writer.append(batch_of([1, 1], [2 * i, 2 * i + 1], [0, 0], [float(i)] * 2, [0, 0]))
        writer.flush()
    return writer


def cuts(log: Path, choose: random.Random) -> list[int]:
    size = log.stat().st_size
    return [0, size, *(choose.randrange(size) for _ in range(25))]


@pytest.mark.parametrize(("compact_flushes", "least"), [(1000, 0), (5, 2)], ids=["plain", "filing"])
def test_a_journal_cut_anywhere_leaves_a_prefix(tmp_path: Path, compact_flushes: int, least: int) -> None:
    writer = filled(tmp_path / "whole", StoreOptions(flush_seconds=3600, compact_flushes=compact_flushes))
    shutil.copytree(tmp_path / "whole", tmp_path / "copy")
    writer.close()
    seen = set()
    for n, cut in enumerate(cuts(tmp_path / "copy" / "journal.db-wal", random.Random(compact_flushes))):
        damaged = tmp_path / f"cut{n}"
        shutil.copytree(tmp_path / "copy", damaged)
        os.truncate(damaged / "journal.db-wal", cut)
        seen.add(prefix_length(damaged))
        shutil.rmtree(damaged)
    assert max(seen) == 64
    assert min(seen) >= least
    assert least or 0 in seen
    assert len(seen) >= 2


def test_a_data_file_cut_anywhere_is_filed_again_from_the_journal(tmp_path: Path) -> None:
    def prepare(connection: Connection) -> None:
        # Power fails after the data file's commit and before the journal's: its rows are still there.
        if connection.execute("SELECT count(*) FROM main.sqlite_schema WHERE name = 'flush'").fetchone()[0]:
            connection.execute(
                "CREATE TEMP TRIGGER kept BEFORE DELETE ON main.flush BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"
            )

    writer = filled(tmp_path / "whole", StoreOptions(flush_seconds=3600, compact_flushes=5, prepare=prepare))
    shutil.copytree(tmp_path / "whole", tmp_path / "copy")
    writer.close()
    log = Path("data") / "default" / "1970-01.db-wal"
    for n, cut in enumerate(cuts(tmp_path / "copy" / log, random.Random(7))):
        damaged = tmp_path / f"cut{n}"
        shutil.copytree(tmp_path / "copy", damaged)
        os.truncate(damaged / log, cut)
        assert prefix_length(damaged) == 64
        shutil.rmtree(damaged)


def prefix_length(folder: Path) -> int:
    writer = open_store(folder, clock=clock, options=StoreOptions(compact_flushes=4))
    reader = writer.reader()
    times = reader.read_raw(1, 0, LATEST).time.tolist()
    assert times == list(range(len(times)))
    assert reader.verify() == []
    writer.append(batch_of([1], [len(times)], [0], [0.0], [0]))
    writer.flush()
    assert len(reader.read_raw(1, 0, LATEST).time) == len(times) + 1
    reader.close()
    writer.close()
    return len(times)


def test_a_byte_flipped_in_the_file_is_found_and_the_rest_reads(tmp_path: Path) -> None:
    writer = open_store(tmp_path, clock=clock)
    noise = random.Random(1)
    for i in range(20):
        values = [noise.random() for _ in range(1000)]
        writer.append(batch_of([1] * 1000, range(1000 * i, 1000 * i + 1000), [0] * 1000, values, [0] * 1000))
        writer.flush()
    writer.close()
    file = tmp_path / "journal.db"
    data = bytearray(file.read_bytes())
    at = data.find(b"LSJ1", len(data) // 2) + 1500
    data[at] ^= 4
    file.write_bytes(bytes(data))
    reader = open_reader(tmp_path)
    (found,) = reader.verify()
    page = reader.read_raw(1, 0, LATEST)
    assert len(page.time[page.status == 0]) == 19_000
    lost = page.time[page.status == Status.BAD_DATA_LOST]
    assert lost.tolist() == [found.start, found.end]
    assert "is damaged in one place (journal.db, row" in str(found)
    reader.close()


FULL = """
import resource, sys
from pathlib import Path
import numpy as np
from hmi.core.batch import batch_of
from hmi.core.instants import Instants
from hmi.historian.api import StoreError
from hmi.historian.audit import AuditEntry
from hmi.historian.catalogue import Catalogue
from hmi.historian.event_reader import EventReader, Query
from hmi.historian.store import StoreOptions, open_reader, open_store
folder = Path(sys.argv[1])
said = []
options = StoreOptions(retry_seconds=0.01)
hear = lambda e: said.append(e.kind.value)
writer = open_store(folder, clock=lambda: Instants(0, 1), options=options, on_health=hear)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
for i in range(100):
    values = np.random.default_rng(i).normal(size=1000)
    writer.append(batch_of([1] * 1000, range(1000 * i, 1000 * i + 1000), [0] * 1000, values, [0] * 1000))
    try:
        writer.flush(0.2)
    except StoreError as error:  # a slow machine may refuse for a moment before the file is full
        if said:
            print("refused", error, flush=True)
            break
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
writer.flush()
writer.close()
reader = open_reader(folder)
assert len(reader.read_raw(1, 0, 1 << 60).time) == 1000 * (i + 1), i
assert not reader.verify()
assert said == ["stalled", "resumed"] * (len(said) // 2) and said, said
print("whole", flush=True)
"""


def test_a_file_that_may_not_grow_is_as_good_as_a_full_disk(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-c", FULL, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    assert "Samples are not stored yet." in done.stdout
    assert done.stdout.endswith("whole\n")


READ_ONLY = """
import os, sys
from pathlib import Path
from hmi.core.instants import Instants
from hmi.historian.api import StoreError
from hmi.historian.catalogue import Catalogue
from hmi.historian.event_reader import EventReader, Query
from hmi.historian.store import open_reader, open_store
folder = Path(sys.argv[1])
for file in folder.iterdir():
    file.chmod(0o444)
folder.chmod(0o555)
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
reader = open_reader(folder)
assert reader.read_raw(1, 0, 9).value.tolist() == [1.5]
assert reader.verify() == []
reader.close()
events = EventReader(folder)
assert events.verify_audit() == []
assert len(events.audit(Query()).lines) == 1
events.close()
with Catalogue(folder, readonly=True) as catalogue:
    assert catalogue.id_of("line/speed") == 1
try:
    open_store(folder, clock=lambda: Instants(0, 1))
except StoreError as error:
    print(error)
"""


def test_a_store_on_read_only_media_is_read_and_not_written() -> None:
    with TemporaryDirectory() as name:  # the parents of tmp_path are closed to other users
        folder = Path(name)
        folder.chmod(0o755)
        writer = open_store(folder, clock=clock)
        writer.append(batch_of([1], [1], [0], [1.5], [0]))
        writer.close()
        events = open_events(folder, clock=clock)
        events.audit(AuditEntry("anna", "operator", "pc1", "write", "line/speed"))
        events.close()
        with Catalogue(folder) as catalogue:
            catalogue.ids_for([("u1", "line/speed", False, False)], 1)
        command = [sys.executable, "-c", READ_ONLY, name]
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=50, check=False)
        folder.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert "cannot be written: Permission denied" in done.stdout
