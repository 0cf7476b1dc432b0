"""A store whose data files a test writes directly: months of 2026 in, what a reader sees out."""

from pathlib import Path

from hmi.core.batch import Batch
from hmi.core.instants import Instants
from hmi.historian import months
from hmi.historian.bucket import EVERYTHING
from hmi.historian.compaction import Compactor
from hmi.historian.files import Key
from hmi.historian.options import StoreOptions
from hmi.historian.promotion import Promoter
from hmi.historian.reader import StoreReader
from hmi.historian.shelf import Shelf
from hmi.historian.sqlite import close, connect_writer
from hmi.historian.store import open_reader, open_store
from tests.helpers_historian.columns import shown

JANUARY = (2026 - 1970) * 12
DAY = months.DAY
END = 1 << 62


def at(month: int, day: int = 1, ns: int = 0) -> int:
    return months.start_of(JANUARY + month - 1) + (day - 1) * DAY + ns


def key(month: int, group: str = "default") -> Key:
    return Key(JANUARY + month - 1, group)


def clock() -> Instants:
    return Instants(0, at(6))


class Bench:
    """A store whose data files are written directly, and a reader that stays open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        open_store(folder, clock=clock).close()
        self.shelf = Shelf(folder, None)
        self._number = 0
        self.reader: StoreReader = open_reader(folder)

    def file(self, batch: Batch, *, group: str = "default", blocks: bool = False) -> None:
        """Puts samples into runs, or into blocks."""
        self._number += 1
        compactor = Compactor(self.shelf, StoreOptions(group_of=lambda _tag: group))
        for touched, bucket in compactor.compact([(self._number, batch)]).buckets:
            if blocks:
                Promoter(self.shelf, StoreOptions(block_from=1)).promote(touched, [(bucket, EVERYTHING)])

    def before(self, tag: int, time: int) -> tuple[int, float | str]:
        """What a tag was at a time."""
        return shown(self.reader.read_raw(tag, time, time + 1, bounds=True))[0]

    def raw(self, tag: int) -> list[tuple[int, float | str]]:
        return shown(self.reader.read_raw(tag, 0, END))

    def statuses(self, tag: int, time: int) -> list[int]:
        """The status a tag had at a time; none when nothing is known of it."""
        return self.reader.read_raw(tag, time, time + 1, bounds=True).status.tolist()[:1]

    def damage(self, of: Key, table: str, row: int) -> None:
        """Writes zeros over a run or a block."""
        connection = connect_writer(of.path(self.folder))
        connection.execute(f"UPDATE {table} SET data = zeroblob(length(data)) WHERE id = ?", (row,))  # noqa: S608
        close(connection)

    def close(self) -> None:
        self.shelf.close()
        self.reader.close()
