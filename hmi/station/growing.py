"""Memory while a station is built up: millions of objects are made that stay, and need not be looked through."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def growing() -> Iterator[None]:
    """No collection of cyclic garbage inside; it takes a third of the time in which a large project is read."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def grown() -> Iterator[None]:
    """What is there now stays until the end: collections inside, which stop the scan, do not look at it."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
