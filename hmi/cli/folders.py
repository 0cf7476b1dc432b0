"""The folders that commands work on: a project, a data folder, a store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

FOLDER: Final = click.Path(file_okay=False, path_type=Path)


def store_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--store`, the history folder a command works on."""
    return click.option(
        "--store", type=FOLDER, required=True, help="History folder: DATA/history of the station's data folder."
    )(command)
