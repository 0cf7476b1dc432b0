"""Formulas: the expressions of a project, compiled and in an order in which each comes after what it reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from hmi.core.engine.columns import Columns
from hmi.core.expression import Program, State, StateError, compile_, order, parse
from hmi.core.tag import ExpressionSource, Tag, TagType


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
        return text_of(self.definition)

    def remember(self, memory: Mapping[str, Any], *, restarted: bool) -> bool:
        """Take over an exported memory; False when it cannot be read and the formula begins afresh."""
        try:
            self.state = self.program.load_state(memory, restarted=restarted)
        except StateError:
            self.state = self.program.new_state()
            return False
        return True


class Revision(NamedTuple):
    """The formulas of an edited project, in order of evaluation."""

    formulas: list[Formula]
    fresh: frozenset[int]
    """Tags whose formula is new or another, or reads other tags under the same paths."""
    changes: bool
    """Whether anything but definitions differs."""


def text_of(tag: Tag) -> str:
    """A derived tag's expression; empty for any other."""
    return tag.source.expression if isinstance(tag.source, ExpressionSource) else ""


def revised(
    before: Sequence[Formula], was: Mapping[int, Tag], tags: Mapping[int, Tag], touched: Collection[int]
) -> Revision:
    """The formulas after an edit; those that it does not concern are the same objects, the others remember.

    Args:
        before: in order of evaluation.
        was: tags by id before the edit.
        tags: after it.
        touched: ids of new, changed and removed tags.

    Raises:
        ExpressionError: an expression does not fit the tags it reads, or reads one that is no more.
        CycleError: expressions that need each other.
    """
    moved = _moved_paths(was, tags, touched)
    earlier = {formula.tag: formula for formula in before}
    wanted = [at for at in earlier if at in tags and text_of(tags[at])]
    wanted += [at for at in touched if at in tags and text_of(tags[at]) and at not in earlier]
    compiler = _Compiler(tags)
    found = [_revise(at, tags[at], earlier.get(at), moved, compiler) for at in wanted]
    fresh = frozenset(f.tag for f in found if f.tag not in earlier or f.program is not earlier[f.tag].program)
    rank = {formula.tag: number for number, formula in enumerate(found)}
    # What is new stands last; the order holds unless something reads what comes after it.
    if any(rank.get(read, -1) >= rank[at] for at in fresh for read in found[rank[at]].inputs):
        by_path = {formula.definition.path: formula for formula in found}
        found = [by_path[path] for path in order({path: one.program for path, one in by_path.items()})]
    return Revision(found, fresh, bool(fresh) or len(found) != len(before))


def _moved_paths(was: Mapping[int, Tag], tags: Mapping[int, Tag], touched: Collection[int]) -> set[str]:
    """Paths that mean another tag now, or one of another type."""
    moved = set()
    for at in touched:
        old, new = was.get(at), tags.get(at)
        if old is None or new is None or (old.path, old.type) != (new.path, new.type):
            moved |= {tag.path for tag in (old, new) if tag is not None}
    return moved


def _revise(at: int, tag: Tag, old: Formula | None, moved: set[str], compiler: _Compiler) -> Formula:
    same_text = old is not None and old.text == text_of(tag)
    if old is not None and same_text and moved.isdisjoint(old.program.inputs):
        return old if old.definition is tag else Formula(at, tag, old.program, old.inputs, old.state)
    formula = compiler.formula(at, tag)
    if old is not None and same_text:
        formula.remember(old.state.export(), restarted=False)
    return formula


class _Compiler:
    """Makes formulas of expressions, with the tags they read."""

    def __init__(self, tags: Mapping[int, Tag]) -> None:
        self._tags = tags
        self._types: dict[str, TagType] = {}
        self._ids: dict[str, int] = {}

    def formula(self, at: int, tag: Tag) -> Formula:
        """The formula of one derived tag, which remembers nothing."""
        if not self._ids:
            self._ids = {one.path: number for number, one in self._tags.items()}
            self._types = {one.path: one.type for one in self._tags.values()}
        program = compile_(parse(text_of(tag)), self._types)
        return Formula(at, tag, program, tuple(self._ids[path] for path in program.inputs), program.new_state())


def formulas(columns: Columns) -> list[Formula]:
    """All expressions of the tags, in order of evaluation.

    Raises:
        ExpressionError: an expression does not fit the tags it reads; `hmi check` tells before.
        CycleError: expressions that need each other.
    """
    compiler = _Compiler(columns.tags)
    made = {tag.path: compiler.formula(at, tag) for at, tag in columns.tags.items() if text_of(tag)}
    return [made[path] for path in order({path: formula.program for path, formula in made.items()})]
