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


def plugins() -> tuple[Path, str]:
    """The folder of plugins that come with the program, and the package that it is.

    A wheel has them below `hmi`: a package `plugins` of its own would stand in the way of somebody else's.
    """
    here = Path(__file__).resolve().parent
    inside = here / "plugins"
    return (inside, "hmi.plugins") if inside.is_dir() else (here.parent / "plugins", "plugins")
