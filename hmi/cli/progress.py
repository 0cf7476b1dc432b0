"""How far a long command is, for a person who waits at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_STEPS = 1000


@contextmanager
def progress(label: str, *, quiet: bool = False) -> Iterator[Callable[[float], None]]:
    """Gives a function to be told the part that is done, 0 to 1; draws a bar on stderr when that is a terminal and
    `quiet` is not set (the rows themselves go to the same terminal)."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=_STEPS, label=label, file=sys.stderr) as bar:

        def tell(done: float) -> None:
            bar.update(max(0, int(done * _STEPS) - bar.pos))

        yield tell
