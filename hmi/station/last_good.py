"""Keeps the last project that ran, so that a broken edit can never keep a line's station from starting."""

from __future__ import annotations

import shutil
from pathlib import Path

import structlog

from hmi.historian.durable import settle_names, write
from hmi.station.project_texts import PROJECT_FILE, Texts

FOLDER = "last_good_project"

_log = structlog.get_logger()


def keep(texts: Texts, data: Path) -> None:
    """Writes the files of a project that runs into the data folder, whole or not at all."""
    new, kept, old = (data / f"{FOLDER}{suffix}" for suffix in (".new", "", ".old"))
    try:
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        for name, content in texts.items():
            file = new / name
            file.parent.mkdir(parents=True, exist_ok=True)
            write(file, content)
        # All of it before its name: a power cut must not leave a torn copy in place of a whole one.
        for folder in (new, *(entry for entry in new.rglob("*") if entry.is_dir())):
            settle_names(folder)
        shutil.rmtree(old, ignore_errors=True)
        if kept.exists():
            kept.rename(old)
        new.rename(kept)
        settle_names(data)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        # The line runs all the same; only the next start would miss its net.
        _log.warning("project not kept", error=str(error))


def kept_in(data: Path) -> Path | None:
    """The last good project, if there is one; a copy interrupted half-way leaves the one before."""
    for suffix in ("", ".old"):
        folder = data / f"{FOLDER}{suffix}"
        if (folder / PROJECT_FILE).is_file():
            return folder
    return None
