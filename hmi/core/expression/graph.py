"""Which derived tag is computed before which, and whether any of them needs itself."""

from __future__ import annotations

import graphlib
from collections.abc import Mapping
from typing import Protocol

from hmi.core.expression.problem import CycleError


class HasInputs(Protocol):
    """A `Program` or an `Expression`."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Paths of the tags it reads."""


def order(programs_by_path: Mapping[str, HasInputs]) -> tuple[str, ...]:
    """Paths of the derived tags so that each comes after the derived tags it reads.

    Raises:
        CycleError: some of them need each other; names the circle (`a -> b` means a reads b).
    """
    graph = {
        path: [read for read in program.inputs if read in programs_by_path]
        for path, program in programs_by_path.items()
    }
    try:
        return tuple(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        raise CycleError(tuple(reversed(error.args[1]))) from error
