"""What may happen on the demo line, as people name it."""

from __future__ import annotations

from hmi.core.errors import LinesideError


def require_scenario(name: str) -> None:
    """Refuses a scenario that does not exist.

    Raises:
        LinesideError: with the command that lists them.
    """
    if name == "normal":
        return  # the usual start does not load the plant's model for it
    from hmi.softplc.scenario import SCENARIOS

    if name not in SCENARIOS:
        raise LinesideError(f"There is no scenario {name!r}.", "`hmi plc --list` prints them.")
