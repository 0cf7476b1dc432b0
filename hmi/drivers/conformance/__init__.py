"""What every driver must do, as checks that a driver's tests run against their own device.

A plugin's author gives a `Harness` (a device that can be started, killed and looked into) and runs every function of
`CHECKS`. A check that fails raises `ConformanceError` with a sentence.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from hmi.drivers.conformance.harness import Harness, Sites
from hmi.drivers.conformance.inward import check_looks, check_looks_afresh
from hmi.drivers.conformance.recorder import ConformanceError, Recorder, SystemClock
from hmi.drivers.conformance.trouble import check_absent, check_cancel, check_garbage, check_restart
from hmi.drivers.conformance.working import check_facts, check_read, check_values, check_write

CHECKS: Final[tuple[Callable[[Harness], Awaitable[None]], ...]] = (
    check_facts,
    check_values,
    check_read,
    check_write,
    check_restart,
    check_absent,
    check_garbage,
    check_cancel,
)
"""All checks; each needs a harness that was just started."""

INWARD_CHECKS: Final[tuple[Callable[[Harness], Awaitable[None]], ...]] = (
    check_facts,
    check_looks,
    check_looks_afresh,
    check_cancel,
)
"""For a driver without a device outside, which nothing can be done to: only its addresses and options are asked."""

__all__ = ["CHECKS", "INWARD_CHECKS", "ConformanceError", "Harness", "Recorder", "Sites", "SystemClock"]
