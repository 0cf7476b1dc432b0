"""Options that several history commands understand the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hmi.core.errors import LinesideError

if TYPE_CHECKING:
    from hmi.historian.aggregates import Aggregate


class Interval(click.ParamType[int]):
    """A length of time, in ns."""

    name = "interval"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """`500ms`, `60s`, `5m`, `1h`, `1d`, also `1.5h`; `0` for the whole range."""
        from hmi.historian.times import ns_of_span

        try:
            return ns_of_span(value)
        except LinesideError as error:
            self.fail(str(error), param, ctx)


class Function(click.ParamType["Aggregate"]):
    """The name of an aggregate."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Aggregate:
        """In any case; StdDevSample and StdDevPopulation too."""
        from hmi.historian.aggregates import Aggregate

        try:
            return Aggregate(value)
        except ValueError:
            self.fail(f"{value!r} is no aggregate; there are {', '.join(Aggregate)}.", param, ctx)
