"""`hmi history export`: samples out of a store, as CSV or Parquet."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import click

from hmi.cli.exits import sentences
from hmi.cli.folders import store_option
from hmi.cli.param_types import Function, Interval
from hmi.cli.progress import progress
from hmi.core.errors import LinesideError

if TYPE_CHECKING:
    from hmi.historian.aggregates import Aggregate
    from hmi.historian.api import Reader
    from hmi.historian.catalogue import CatalogueTag
    from hmi.historian.export.pages import Pages
    from hmi.historian.export.write import Sink
    from hmi.historian.reader import StoreReader

CSV: Final = "csv"
PARQUET: Final = "parquet"


@click.command(name="export")
@store_option
@click.option("--tag", "names", multiple=True, metavar="PATH", help="Tag path or uid (repeatable).")
@click.option("--all", "every", is_flag=True, help="Every tag of the store.")
@click.option("--start", metavar="TIME", help="ISO 8601 (UTC without offset) or ns, included; else the oldest sample.")
@click.option("--end", metavar="TIME", help="The same, excluded; else up to the newest sample.")
@click.option("--interval", type=Interval(), help="The values at start, start + 60s, ... instead of every sample.")
@click.option("--function", type=Function(), help="One result an interval: TimeAverage2, Maximum, Count, ...")
@click.option(
    "--format", "form", type=click.Choice([CSV, PARQUET]), help="By default what the file's name says, or csv."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Else CSV to stdout.")
@click.option("--time", "time", type=click.Choice(["iso", "ns"]), default="iso", help="How CSV shows times.")
@click.option("--status", type=click.Choice(["name", "number"]), default="name", help="How CSV shows status codes.")
@sentences
def export(
    store: Path,
    names: tuple[str, ...],
    every: bool,
    start: str | None,
    end: str | None,
    interval: int | None,
    function: Aggregate | None,
    form: str | None,
    out: Path | None,
    time: str,
    status: str,
) -> None:
    """Write the history of tags: tag,time,value,status."""
    if every == bool(names):
        raise click.UsageError("Name tags with --tag, or take all of them with --all.")
    form = form or (PARQUET if out is not None and out.suffix == ".parquet" else CSV)
    if form == PARQUET and out is None:
        raise click.UsageError("Parquet is not for a terminal: name a file with --out.")
    if interval == 0 or (function is not None and interval is None):
        raise click.UsageError("Say with --interval how long each one is, e.g. 60s.")
    from hmi.historian.export.write import write_tags
    from hmi.historian.store import open_reader

    with ExitStack() as stack:
        tags = _tags(store, names, function)
        reader = open_reader(store)
        stack.callback(reader.close)
        begin, stop = _span(reader, start, end, interval)
        stream = stack.enter_context(_stream(out))
        sink = _sink(stream, form, time_as_ns=time == "ns", status_as_number=status == "number")
        tell = stack.enter_context(progress("Exporting", quiet=out is None and sys.stdout.isatty()))
        pages = _pages(reader, (begin, stop), interval, function)
        write_tags(tags, pages, sink, (begin, stop), tell)


def _tags(store: Path, names: tuple[str, ...], function: Aggregate | None) -> list[tuple[str, CatalogueTag]]:
    """The wanted tags with the names they have in the file; when none is named, all that the function is for."""
    from hmi.historian.aggregates.function import FOR_TEXT
    from hmi.historian.catalogue import Catalogue
    from hmi.historian.tag_names import TagNames

    with Catalogue(store, readonly=True) as catalogue:
        known = TagNames(catalogue)
        if names:
            return [(name, known.get(name, store)) for name in dict.fromkeys(names)]
        found = known.all()
    suited = [(name, tag) for name, tag in found if function is None or function in FOR_TEXT or not tag.is_text]
    if len(suited) < len(found):
        click.echo(f"{len(found) - len(suited)} tags of texts are left out: {function} is for numbers.", err=True)
    return suited


def _pages(reader: StoreReader, span: tuple[int, int], interval: int | None, function: Aggregate | None) -> Pages:
    from hmi.historian.export.aggregated import aggregate_pages
    from hmi.historian.export.pages import instant_pages, raw_pages

    if interval is None:
        return raw_pages(reader, *span)
    if function is None:
        return instant_pages(reader, *span, interval, reader.alive())
    return aggregate_pages(reader, function, *span, interval)


def _span(reader: Reader, start: str | None, end: str | None, interval: int | None) -> tuple[int, int]:
    """What is read (ns UTC); a grid that was given no start begins at a whole interval."""
    from hmi.historian.times import ns_of

    begin, stop = (None if text is None else ns_of(text) for text in (start, end))
    if begin is not None and stop is not None and begin > stop:
        raise LinesideError("The end of an export must not lie before its start.", "Exchange --start and --end.")
    if begin is None:
        oldest = reader.info().oldest or 0
        begin = oldest - oldest % (interval or 1)
        begin = begin if stop is None else min(begin, stop)
    if stop is None:
        newest = reader.info().newest
        stop = begin if newest is None else max(begin, newest + 1)
    return begin, stop


def _stream(out: Path | None) -> AbstractContextManager[BinaryIO]:
    from hmi.historian.export.new_file import new_file

    if out is None:
        return nullcontext(sys.stdout.buffer)
    return new_file(out)


def _sink(stream: BinaryIO, form: str, *, time_as_ns: bool, status_as_number: bool) -> Sink:
    if form == PARQUET:
        from hmi.historian.export.parquet_sink import ParquetSink

        return ParquetSink(stream)
    from hmi.historian.export.csv_sink import CsvSink

    return CsvSink(stream, time_as_ns=time_as_ns, status_as_number=status_as_number)
