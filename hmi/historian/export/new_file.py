"""A file that appears whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from hmi.core.errors import LinesideError


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A stream whose bytes become the file at its orderly end, in place of an older one; otherwise nothing stays.

    They gather in a `.part` file beside it. A device or a pipe is written directly: it cannot be put in place of.

    Raises:
        LinesideError: the folder cannot be written, or its disk is full.
    """
    target = path.resolve()
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:
                yield stream
            return
        part = target.with_name(target.name + ".part")
        try:
            with part.open("wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(target)
        except BaseException:  # Ctrl-C too
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise LinesideError(f"{path} cannot be written: {error.strerror}.", "Check the folder and the disk.") from error
