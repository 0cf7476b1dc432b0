"""What every driver answers in the same words: of a write, of a reading without an answer, of foreign options."""

from __future__ import annotations

from typing import TypeVar

from hmi.drivers.api import AddressError, ConnectionSpec, Sample, WriteOutcome, WriteResult

T = TypeVar("T")


def refused(status: int, text: str) -> WriteResult:
    """Nothing was sent, or the device said no."""
    return WriteResult(WriteOutcome.REFUSED, status, text)


def unknown(status: int, text: str) -> WriteResult:
    """It was sent and may have had its effect; the sentence goes on with what to do."""
    return WriteResult(WriteOutcome.UNKNOWN, status, f"{text} Read the value back before writing again.")


def no_value(status: int, time: int) -> Sample:
    """A reading that gave nothing; `time` in ns UTC."""
    return Sample(float("nan"), status, time)


def options_of(spec: ConnectionSpec, kind: type[T]) -> T:
    """The connection's options in the driver's own form.

    Raises:
        AddressError: another driver has parsed them.
    """
    if not isinstance(spec.options, kind):
        raise AddressError(f"{spec.name} has options of another driver.", "Parse them with this driver.")
    return spec.options
