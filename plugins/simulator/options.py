"""What an engineer may set on a simulated device, parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from hmi.drivers.api import AddressError, OptionField
from hmi.drivers.options import read_fields

ENDPOINT: Final = "simulator"


class Quality(StrEnum):
    """What simulated values are worth."""

    GOOD = "good"
    SIMULATED = "simulated"
    """Uncertain_SimulatedValue: nobody takes them for a plant's."""


@dataclass(frozen=True, slots=True)
class Options:
    """Options of one simulated device."""

    seed: int
    """Of its random walks: the same seed gives the same walk after each start."""
    quality: Quality
    recording: Path | None
    """CSV file whose columns are played."""
    loop: bool
    """Plays it again and again; otherwise its last row stays."""
    memory: Path | None
    """CSV file that holds the memory points; None: they are forgotten at the end."""


FIELDS: Final = (
    OptionField("seed", "Same seed, same random walks.", 1, 0, 2**31 - 1),
    OptionField("quality", "What simulated values are worth.", "good", choices=tuple(Quality)),
    OptionField("recording", "CSV file that csv: points play; its first column is `time` in seconds.", ""),
    OptionField("loop", "Play the recording again and again.", True),
    OptionField("memory", "CSV file that keeps the memory points; other programs may add lines.", ""),
)


def parse_options(endpoint: str, options: Mapping[str, object]) -> Options:
    """The endpoint `simulator` with its options.

    Raises:
        AddressError: with what is wrong.
    """
    if endpoint != ENDPOINT:
        raise AddressError(f"'{endpoint}' is no simulated device.", f"Its endpoint is always: {ENDPOINT}.")
    value = read_fields(FIELDS, options)
    return Options(
        int(value["seed"]),
        Quality(str(value["quality"])),
        _file("recording", str(value["recording"])),
        bool(value["loop"]),
        _file("memory", str(value["memory"])),
    )


def _file(name: str, text: str) -> Path | None:
    if not text:
        return None
    if not Path(text).is_absolute():
        raise AddressError(f"Option '{name}' is {text!r}.", "Write the whole path of a CSV file.")
    return Path(text)
