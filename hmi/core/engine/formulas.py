"""Formulas: the expressions of a project, compiled and in an order in which each comes after what it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hmi.core.engine.columns import Columns
from hmi.core.expression import Program, State, StateError, compile_, order, parse
from hmi.core.tag import ExpressionSource, Tag


@dataclass(slots=True)
class Formula:
    """One derived tag at work."""

    tag: int
    definition: Tag
    program: Program
    inputs: tuple[int, ...]
    """Ids of the tags it reads, in the program's order."""
    state: State

    @property
    def text(self) -> str:
        """The expression as the engineer wrote it."""
        source = self.definition.source
        return source.expression if isinstance(source, ExpressionSource) else ""

    def remember(self, memory: Mapping[str, Any], *, restarted: bool) -> bool:
        """Take over an exported memory; False when it cannot be read and the formula begins afresh."""
        try:
            self.state = self.program.load_state(memory, restarted=restarted)
        except StateError:
            self.state = self.program.new_state()
            return False
        return True


def formulas(columns: Columns) -> list[Formula]:
    """All expressions of the tags, in order of evaluation.

    Raises:
        ExpressionError: an expression does not fit the tags it reads; `hmi check` tells before.
        CycleError: expressions that need each other.
    """
    sources = {at: tag for at, tag in columns.tags.items() if isinstance(tag.source, ExpressionSource)}
    if not sources:
        return []
    ids = {tag.path: at for at, tag in columns.tags.items()}
    types = {tag.path: tag.type for tag in columns.tags.values()}
    programs = {
        tag.path: compile_(parse(tag.source.expression), types)
        for tag in sources.values()
        if isinstance(tag.source, ExpressionSource)
    }
    return [
        Formula(
            ids[path],
            columns.tags[ids[path]],
            programs[path],
            tuple(ids[read] for read in programs[path].inputs),
            programs[path].new_state(),
        )
        for path in order(programs)
    ]
