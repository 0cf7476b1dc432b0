"""Tags go into a file one after the other, and the progress is told."""

from typing import Self

import numpy as np

from hmi.historian.catalogue import CatalogueTag
from hmi.historian.export.page import Page
from hmi.historian.export.pages import raw_pages
from hmi.historian.export.write import write_tags
from tests.helpers_aggregates.readers import memory_of_rows

TAG = CatalogueTag(1, "u", "a", is_text=False, stepped=False)


class ListSink:
    def __init__(self) -> None:
        self.rows: list[tuple[str, int]] = []
        self.closed = False

    def write(self, tag: str, page: Page) -> None:
        self.rows += [(tag, time) for time in page.time.tolist()]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.closed = True


def test_rows_names_and_progress() -> None:
    reader, sink, told = memory_of_rows([(0, 1.0, 0), (50, 2.0, 0), (99, 3.0, 0)]), ListSink(), list[float]()
    rows = write_tags([("a", TAG), ("b", TAG)], raw_pages(reader, 0, 100, 2), sink, (0, 100), told.append)
    assert rows == 6
    assert sink.rows == [(name, time) for name in "ab" for time in (0, 50, 99)]
    assert sink.closed
    assert told == sorted(told)
    assert np.allclose(told, [0.25, 0.495, 0.5, 0.75, 0.995, 1.0])


def test_no_tags_and_an_empty_span() -> None:
    sink = ListSink()
    assert write_tags([], raw_pages(memory_of_rows([]), 0, 0), sink, (0, 0), lambda _: None) == 0
    assert write_tags([("a", TAG)], raw_pages(memory_of_rows([(0, 1.0, 0)]), 0, 0), sink, (0, 0), lambda _: None) == 1
    assert sink.closed
