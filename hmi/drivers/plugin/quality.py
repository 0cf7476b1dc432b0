"""The quality sheet of a plugin: one list of rules for all, and for each what the plugin has done about it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

import msgspec
from msgspec import Struct

from hmi.drivers.plugin.fault import DriverError

FILE: Final = "quality.toml"

RULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "addresses": "A wrong address is refused with a sentence that shows a right one.",
        "options": "A wrong, misspelt or missing option is refused with its name.",
        "described": "Options, an endpoint and an address are described, so that the panel can show a form.",
        "first-values": "Every point is told after a connect, one that the device does not have as Bad.",
        "types": "What each type of the device becomes is documented, and what does not fit is refused or Bad.",
        "time": "Samples carry the device's time where it has one that can be believed.",
        "alive": "A tag is alive only when the device answered for it.",
        "one-event": "An outage is one event; the link returns by itself with growing, spread waits.",
        "garbage": "Answers that are no protocol end the link or are Bad; they are never values.",
        "write-once": "A write is sent exactly once, never late, and ends as done, refused or unknown.",
        "cancel": "A cancelled connection leaves no task, thread, socket or file.",
        "bounded": "Every buffer has a bound; what is dropped is counted and Bad_DataLost in history.",
        "counters": "Diagnostic counters are documented.",
        "secrets": "Passwords come as secrets only and are in no log, message or command line.",
        "encryption": "The connection can be encrypted and its other end verified where the protocol can.",
        "browse": "The device's directory can be looked through where it has one.",
        "repoint": "Another set of points is taken without disturbing those that stay.",
        "conformance": "The conformance suite passes in the station and in a driver process.",
        "soft-device": "Tests run against a device of the plugin's own, started by the test.",
        "real-device": "It was tried with a real device or another maker's implementation.",
        "scale": "The number of points it was measured with is documented.",
        "documents": "The README tells addresses, options, limits, counters and an example.",
        "licence": "What it requires may be handed on under the Apache License: no GPL.",
    }
)
"""Every plugin answers every rule."""


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """What a plugin has done about one rule."""

    state: Literal["done", "todo", "exempt"]
    proof: str = ""
    """done: the file of the plugin that shows it, e.g. `tests/test_address.py`."""
    reason: str = ""
    """todo, exempt: why."""


def read_sheet(folder: Path) -> dict[str, Answer]:
    """The plugin's answers by rule.

    Raises:
        DriverError: there is no sheet, or one that cannot be read.
    """
    file = folder / FILE
    try:
        return msgspec.convert(tomllib.loads(file.read_text("utf-8")), dict[str, Answer])
    except (OSError, ValueError, msgspec.ValidationError) as fault:
        raise DriverError(f"{file} cannot be read: {fault}.", "Copy another plugin's sheet and answer it.") from fault


def flaws(folder: Path) -> list[str]:
    """What is wrong with a plugin's sheet, one sentence each."""
    answers = read_sheet(folder)
    found = [f"{rule}: is not answered" for rule in RULES if rule not in answers]
    found += [f"{rule}: is no rule" for rule in answers if rule not in RULES]
    for rule, answer in answers.items():
        if answer.state == "done" and not (answer.proof and (folder / answer.proof).is_file()):
            found.append(f"{rule}: is done, but its proof '{answer.proof}' is no file of the plugin")
        if answer.state != "done" and len(answer.reason) < 10:
            found.append(f"{rule}: is {answer.state} without a reason")
    return found
