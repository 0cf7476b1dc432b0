"""Where the files that come with the product lie, in a checkout and in an installed package."""

from __future__ import annotations

from pathlib import Path

from hmi.core.errors import LinesideError


def assets() -> Path:
    """The folder of symbols, icons, sounds and the demo project.

    Raises:
        LinesideError: the installation is incomplete.
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "assets", here.parent / "assets"):
        if folder.is_dir():
            return folder
    raise LinesideError("The folder `assets` is missing beside the program.", "Install Lineside again.")
