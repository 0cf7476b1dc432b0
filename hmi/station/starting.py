"""Which project a station starts with: the one asked for, or the last one that ran when that has errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from hmi.core.errors import ProjectError
from hmi.core.project import Project
from hmi.drivers.api import Driver
from hmi.historian.api import StoreLockedError
from hmi.historian.lock import FolderLock
from hmi.station import last_good
from hmi.station.editing.differing import difference_lines
from hmi.station.editing.making import summary
from hmi.station.editing.saving import Entry, Saving
from hmi.station.loading import Checked, check_folder
from hmi.station.project_texts import Texts, read_texts

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Started:
    """What a station starts with."""

    project: Project
    drivers: Mapping[str, Driver]
    texts: Texts
    """The files that it was read from."""
    fallback: str
    """Why the last project that ran was started instead of the one asked for; empty if it was not."""
    warnings: list[str]


def started(folder: Path, data: Path, utc: int) -> Started:
    """Reads the project in a folder; an edit that a crash cut off is completed before.

    Raises:
        LinesideError: there is no project that could be started, with every reason.
    """
    saving = Saving(folder, data)
    with _alone(data / "history", utc) as alone:
        completed = saving.finish() if alone else None
        checked = check_folder(folder, data)
        kept = last_good.kept_in(data)
        if alone and checked.runs and kept is not None:
            _note_way_back(saving, checked, kept, utc)
    fallback = ""
    if not checked.runs:
        if kept is None:
            raise ProjectError(checked.problems)
        fallback = _fallback(folder, ProjectError(checked.problems))
        _log.warning("last good project started", project=str(folder), problems=len(checked.problems))
        checked = check_folder(kept, data)
    warnings = [fallback] if fallback else []
    warnings += [f"An edit that was cut off was completed: {completed.what}"] if completed is not None else []
    project = checked.require()
    warnings += [str(flaw) for flaw in checked.problems]
    return Started(project, checked.drivers, checked.texts, fallback, warnings)


@contextmanager
def _alone(history: Path, utc: int) -> Iterator[bool]:
    """Whether no other station runs with this data folder; what that one is just writing there is its own."""
    if not history.is_dir():
        yield True
        return
    try:
        lock = FolderLock(history, utc)
    except StoreLockedError:
        yield False  # this station is refused a little later, with a sentence
        return
    try:
        yield True
    finally:
        lock.release()


def _note_way_back(saving: Saving, checked: Checked, kept: Path, utc: int) -> None:
    """What was changed while the station was stopped can be taken back too."""
    before, _ = read_texts(kept)
    names = [name for name in {*before, *checked.texts} if before.get(name) != checked.texts.get(name)]
    last = saving.last()
    made_here = last is not None and last.reversed("", 0).applied(dict(checked.texts)) is not None
    if not names or made_here:
        return
    after = {name: checked.texts.get(name) for name in names}
    what = f"Changed while the station was stopped: {summary(difference_lines(before, after))}"
    try:
        saving.remember(Entry.between("", utc, what, before, after))
    except OSError as error:
        _log.warning("way back not kept", error=str(error))


def _fallback(project: Path, error: ProjectError) -> str:
    count, first = len(error.problems), str(error.problems[0]).rstrip(".")
    return (
        f"The project in {project} has {count} {'error' if count == 1 else 'errors'}, so the last one that ran was "
        f"started: mend it (`hmi check` lists {'it' if count == 1 else 'them'}; the first is {first}) and start again."
    )
