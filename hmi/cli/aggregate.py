"""`hmi history aggregate`: a tag's history summed up an interval, by the rules of OPC UA Part 13."""

from __future__ import annotations

import csv
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hmi.cli.exits import sentences
from hmi.cli.folders import store_option
from hmi.cli.param_types import Function, Interval

if TYPE_CHECKING:
    from hmi.historian.aggregates import Aggregate, AggregateConfig, Processed
    from hmi.historian.catalogue import CatalogueTag


@click.command()
@store_option
@click.option("--tag", "path", required=True, help="Tag path.")
@click.option("--start", required=True, help="ISO 8601 UTC or ns, included.")
@click.option("--end", required=True, help="ISO 8601 UTC or ns, excluded; before the start: latest intervals first.")
@click.option("--interval", type=Interval(), default="0", help="500ms, 60s, 5m, 1h, 1d; 0 (default) = one result.")
@click.option("--function", type=Function(), required=True, help="e.g. TimeAverage2, Maximum, Count, PercentGood.")
@click.option("--stepped/--sloped", default=None, help="Between samples; default: what the catalogue says of the tag.")
@click.option(
    "--treat-uncertain-as-bad/--treat-uncertain-as-good", default=True, help="Whether Uncertain samples are left out."
)
@click.option("--percent-good", type=int, default=100, help="From this share of Good on a result is Good.")
@click.option("--percent-bad", type=int, default=100, help="From this share of Bad on a result is Bad.")
@click.option("--sloped-extrapolation", is_flag=True, help="After the last sample go on along the last two.")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv")
@sentences
def aggregate(
    store: Path,
    path: str,
    start: str,
    end: str,
    interval: int,
    function: Aggregate,
    stepped: bool | None,
    treat_uncertain_as_bad: bool,
    percent_good: int,
    percent_bad: int,
    sloped_extrapolation: bool,
    form: str,
) -> None:
    """Print one result an interval: time,value,status."""
    from hmi.historian.aggregates import AggregateConfig
    from hmi.historian.times import ns_of

    tag = _tag(store, path)
    config = AggregateConfig(
        stepped=tag.stepped if stepped is None else stepped,
        treat_uncertain_as_bad=treat_uncertain_as_bad,
        percent_data_bad=percent_bad,
        percent_data_good=percent_good,
        use_sloped_extrapolation=sloped_extrapolation,
    )
    rows = _rows(_read(store, tag.id, function, ns_of(start), ns_of(end), interval, config), function)
    if form == "json":
        click.echo(json.dumps({"tag": path, "function": function, "stepped": config.stepped, "rows": rows}))
        return
    out = csv.writer(sys.stdout)
    out.writerow(["time", "value", "status"])
    for row in rows:
        value = row["value"]
        out.writerow([row["time"], "" if value is None else value, row["status"]])


def _tag(store: Path, path: str) -> CatalogueTag:
    from hmi.historian.catalogue import Catalogue
    from hmi.historian.tag_names import TagNames

    with Catalogue(store, readonly=True) as catalogue:
        return TagNames(catalogue).get(path, store)


def _read(
    store: Path, tag: int, function: Aggregate, start: int, end: int, interval: int, config: AggregateConfig
) -> Processed:
    from hmi.historian.processed import read_processed
    from hmi.historian.store import open_reader

    reader = open_reader(store)
    try:
        return read_processed(reader, tag, function, start, end, interval, config)
    finally:
        reader.close()


def _rows(found: Processed, function: Aggregate) -> list[dict[str, str | float | None]]:
    from hmi.historian.cells.status_text import status_text
    from hmi.historian.times import iso

    return [
        {
            "time": iso(time),
            "value": _shown(value, found, function),
            "status": status_text(status),
        }
        for time, value, status in zip(found.time.tolist(), found.value.tolist(), found.status.tolist(), strict=True)
    ]


def _shown(value: float, found: Processed, function: Aggregate) -> str | float | None:
    from hmi.core.quality import status_name
    from hmi.historian.aggregates import Aggregate

    if math.isnan(value):
        return None
    if function is Aggregate.WORST_QUALITY:
        return status_name(int(value))
    return found.text[int(value)] if found.text else value
