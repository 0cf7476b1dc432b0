"""Formulas: the expressions of a project, compiled and in an order in which each comes after what it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from hmi.core.engine.columns import Columns
from hmi.core.engine.edit import Edit, Names
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


def revised(before: Sequence[Formula], edit: Edit) -> Revision:
    """The formulas after an edit; those that it does not concern are the same objects, the others remember.

    `before`: in order of evaluation.

    Raises:
        ExpressionError: an expression does not fit the tags it reads, or reads one that is no more.
        CycleError: expressions that need each other.
    """
    tags, put = edit.tags, {entry.id for entry in edit.put}
    moved = _moved_paths(edit)
    earlier = {formula.tag: formula for formula in before}
    found = []
    for at, formula in earlier.items():
        if at in put or not moved.isdisjoint(formula.program.inputs):
            if at in tags and text_of(tags[at]):
                found.append(_revise(at, tags[at], formula, moved, edit.names))
        elif at not in edit.gone:
            found.append(formula)
    new = [at for at in put if at not in earlier and text_of(tags[at])]
    found += [_revise(at, tags[at], None, moved, edit.names) for at in new]
    fresh = frozenset(f.tag for f in found if f.tag not in earlier or f.program is not earlier[f.tag].program)
    rank = {formula.tag: number for number, formula in enumerate(found)}
    # What is new stands last; the order holds unless something reads what comes after it.
    if any(rank.get(read, -1) >= rank[at] for at in fresh for read in found[rank[at]].inputs):
        by_path = {formula.definition.path: formula for formula in found}
        found = [by_path[path] for path in order({path: one.program for path, one in by_path.items()})]
    return Revision(found, fresh, bool(fresh) or len(found) != len(before))


def _moved_paths(edit: Edit) -> set[str]:
    """Paths that mean another tag now, or one of another type."""
    moved = {edit.was[at].path for at in edit.gone}
    for at, tag in edit.put:
        old = edit.was.get(at)
        if old is None or (old.path, old.type) != (tag.path, tag.type):
            moved |= {tag.path} if old is None else {old.path, tag.path}
    return moved


def _revise(at: int, tag: Tag, old: Formula | None, moved: set[str], names: Names) -> Formula:
    same_text = old is not None and old.text == text_of(tag)
    if old is not None and same_text and moved.isdisjoint(old.program.inputs):
        return Formula(at, tag, old.program, old.inputs, old.state)
    formula = _compiled(at, tag, names)
    if old is not None and same_text:
        formula.remember(old.state.export(), restarted=False)
    return formula


def _compiled(at: int, tag: Tag, names: Names) -> Formula:
    """The formula of one derived tag, which remembers nothing."""
    program = compile_(parse(text_of(tag)), names)
    inputs = tuple(read for path in program.inputs if (read := names.id_of(path)) is not None)
    return Formula(at, tag, program, inputs, program.new_state())


def formulas(columns: Columns) -> list[Formula]:
    """All expressions of the tags, in order of evaluation.

    Raises:
        ExpressionError: an expression does not fit the tags it reads; `hmi check` tells before.
        CycleError: expressions that need each other.
    """
    names = Names(columns.paths, {}, (), columns.tags)
    made = {tag.path: _compiled(at, tag, names) for at, tag in columns.tags.items() if text_of(tag)}
    return [made[path] for path in order({path: formula.program for path, formula in made.items()})]
