"""Rules for samples that hold for every driver, applied to whole columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from hmi.core.batch import Batch, Float64, UInt32, batch_of
from hmi.core.instants import Instants
from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import Point

EXACT: Final = 2**53
"""Integers beyond this are not exact in the float64 column and are marked Uncertain."""

LONGEST: Final = 4096
"""Characters of a text that are kept: a device must not be able to fill the station's memory or its link."""


def clean(text: str) -> str:
    """A device's text as one that can be stored and sent: not too long, and without halves of characters."""
    return text[:LONGEST].encode("utf-8", "replace").decode("utf-8")


def marked(points: Sequence[Point], status: int, now: Instants) -> Batch:
    """A row a point that tells its status and has no value (NaN, or the empty text)."""
    count = len(points)
    values: list[float | str] = ["" if p.type is TagType.STRING else float("nan") for p in points]
    return batch_of([p.tag for p in points], [now.utc] * count, [now.mono] * count, values, [status] * count)


def distrust(value: Float64, status: UInt32) -> UInt32:
    """Status of device numbers: what is not a finite number is Bad_OutOfRange, whatever the device says of it."""
    wrong = ~np.isfinite(value) & ((status & 0x80000000) == 0)
    if wrong.any():
        status = np.where(wrong, np.uint32(Status.BAD_OUT_OF_RANGE), status).astype(np.uint32)
    return status
