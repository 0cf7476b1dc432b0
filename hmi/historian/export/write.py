"""Carries tags from a store into a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self

from hmi.historian.catalogue import CatalogueTag
from hmi.historian.export.page import Page
from hmi.historian.export.pages import Pages

Progress = Callable[[float], None]
"""Told the part that is done, 0 to 1."""


class Sink(Protocol):
    """A file that takes pages, and is whole after an orderly end of its `with` statement."""

    def write(self, tag: str, page: Page) -> None:
        """Adds the values of a tag."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def write_tags(
    tags: Sequence[tuple[str, CatalogueTag]],
    pages: Pages,
    sink: Sink,
    span: tuple[int, int],
    progress: Progress,
) -> int:
    """The rows written: tag by tag, each under the name given for it, and in time order; `span` is the start and end
    of what is read (ns UTC), by which the progress is told."""
    start, length = span[0], max(1, span[1] - span[0])
    rows = 0
    with sink:
        for number, (name, tag) in enumerate(tags):
            for page in pages(tag):
                sink.write(name, page)
                rows += len(page)
                progress((number + (int(page.time[-1]) - start) / length) / len(tags))
            progress((number + 1) / len(tags))
    return rows
