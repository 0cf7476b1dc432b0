"""Samples in a row each, into a Batch and out of a page."""

from math import isnan

from hmi.core.batch import Batch, batch_of
from hmi.historian.api import RawPage


def rows(*samples: tuple[int, int, float | str]) -> Batch:
    tags, times, values = zip(*samples, strict=True)
    n = len(samples)
    return batch_of(tags, times, [0] * n, values, [0] * n)


def shown(page: RawPage) -> list[tuple[int, float | str]]:
    values = [page.text[int(v)] if page.text and not isnan(v) else v for v in page.value.tolist()]
    return list(zip(page.time.tolist(), values, strict=True))
