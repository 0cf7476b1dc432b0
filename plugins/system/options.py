"""What an engineer may set about the computer's own quantities, parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hmi.drivers.api import AddressError, OptionField
from hmi.drivers.options import read_fields

ENDPOINT: Final = "local"


@dataclass(frozen=True, slots=True)
class Options:
    """Options of the one device: this computer."""

    timeout: float
    """Seconds until a ping counts as unanswered, and a look at the system as stuck."""


FIELDS: Final = (OptionField("timeout", "Seconds until a ping counts as unanswered.", 2.0, 0.1, 60.0),)


def parse_options(endpoint: str, options: Mapping[str, object]) -> Options:
    """The endpoint `local` with its options.

    Raises:
        AddressError: with what is wrong.
    """
    if endpoint != ENDPOINT:
        raise AddressError(f"'{endpoint}' is not this computer.", f"Its endpoint is always: {ENDPOINT}.")
    return Options(float(read_fields(FIELDS, options)["timeout"]))
