"""Ways in which a disk ruins a database."""

from collections.abc import Callable
from pathlib import Path

from hmi.historian.sqlite import close, connect_writer

PAGE = 4096


def break_header(file: Path) -> None:
    with file.open("r+b") as f:
        f.write(b"no database at all")


def break_tree(file: Path) -> None:
    """Wipes the pages behind the first: tables are listed, and nothing of them can be read."""
    data = bytearray(file.read_bytes())
    data[PAGE:] = b"\xff" * (len(data) - PAGE)
    file.write_bytes(bytes(data))


def empty(file: Path) -> None:
    file.write_bytes(b"")


def halve(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // PAGE // 2 * PAGE])


RUINS: tuple[Callable[[Path], None], ...] = (break_header, break_tree, empty, halve)


def wipe_page(file: Path, index: str) -> None:
    """Breaks the root of an index: its table is whole, and nothing can be added to it."""
    connection = connect_writer(file)
    (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (index,)).fetchone()
    close(connection)
    with file.open("r+b") as f:
        f.seek((root - 1) * PAGE)
        f.write(b"\xff" * PAGE)
