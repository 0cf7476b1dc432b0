"""Cells that were summed up when their samples were stored: the outermost samples of each, and what all come to."""

from __future__ import annotations

from dataclasses import dataclass

from hmi.core.batch import Float64, Int64


@dataclass(frozen=True, slots=True)
class Summary:
    """What the samples of adjoining cells come to, all of them Good; beside it the first and the last one of each cell
    are given as samples. A row for each cell; whatever stands there when it has no samples."""

    edges: Int64
    """ns UTC, ascending, one more than there are cells; a cell includes its earlier edge and not its later one."""
    count: Int64
    total: Float64
    """Sum of the values."""
    squares: Float64
    """Sum of the squared distances from their mean."""
    sloped: Float64
    """Value x ns from the first to the last sample, straight between them."""
    stepped: Float64
    """The same, each value held until the next."""
    low: Float64
    low_hits: Int64
    """How many samples have the value `low`; what counts is whether there are several."""
    high: Float64
    high_hits: Int64
