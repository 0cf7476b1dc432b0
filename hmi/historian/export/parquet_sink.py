"""A Parquet file of history, for those who go on in Python, DuckDB or Spark."""

from __future__ import annotations

from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import numpy as np

from hmi.core.errors import LinesideError
from hmi.core.quality import is_bad
from hmi.historian.export.page import Page

_GROUP_ROWS: Final = 1_000_000
"""Rows of a row group. Each costs memory until the file is closed, and 100,000 tags with a few rows each must not
become 100,000 groups."""


class ParquetSink:
    """Writes pages with the columns tag (dictionary of strings), time (timestamp of ns, UTC), value (double), text
    (string) and status (uint32). Value is null in text rows, and both are null where the status is Bad. The stream
    stays open."""

    def __init__(self, stream: BinaryIO, group_rows: int = _GROUP_ROWS) -> None:
        """
        Raises:
            LinesideError: the library for it is not installed.
        """
        try:
            import pyarrow  # noqa: PLC0415 - an extra that few need
            from pyarrow import parquet  # noqa: PLC0415
        except ImportError as error:
            raise LinesideError(
                "Parquet needs the package pyarrow, which is not installed.",
                "Run `pip install pyarrow`, or choose --format csv.",
            ) from error
        self._arrow: Any = pyarrow
        self._schema = pyarrow.schema(
            [
                ("tag", pyarrow.dictionary(pyarrow.int32(), pyarrow.string())),
                ("time", pyarrow.timestamp("ns", "UTC")),
                ("value", pyarrow.float64()),
                ("text", pyarrow.string()),
                ("status", pyarrow.uint32()),
            ]
        )
        self._writer = parquet.ParquetWriter(stream, self._schema, compression="zstd")
        self._group_rows = group_rows
        self._waiting: list[tuple[str, Page]] = []
        self._rows = 0

    def write(self, tag: str, page: Page) -> None:
        """Adds the values of a tag."""
        self._waiting.append((tag, page))
        self._rows += len(page)
        if self._rows >= self._group_rows:
            self._write_group()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._rows and kind is None:
                self._write_group()
        finally:
            self._writer.close()  # after an error too: left to itself it writes to a stream that is closed by then

    def _write_group(self) -> None:
        pa, pages = self._arrow, [page for _, page in self._waiting]
        names = list(dict.fromkeys(tag for tag, _ in self._waiting))
        at = {name: row for row, name in enumerate(names)}
        tag = np.repeat(np.array([at[name] for name, _ in self._waiting], np.int32), [len(page) for page in pages])
        status = np.concatenate([page.status for page in pages])
        text = [cell for page in pages for cell in page.text or [None] * len(page)]
        bad = is_bad(status)
        no_number = bad | np.array([cell is not None for cell in text], np.bool_)
        columns = [
            pa.DictionaryArray.from_arrays(tag, pa.array(names, pa.string())),
            pa.array(np.concatenate([page.time for page in pages])).cast(self._schema.field("time").type),
            pa.array(np.concatenate([page.value for page in pages]), mask=no_number),
            pa.array(text, pa.string(), mask=bad),
            pa.array(status),
        ]
        self._writer.write_table(pa.table(columns, schema=self._schema), row_group_size=self._rows)
        self._waiting, self._rows = [], 0
