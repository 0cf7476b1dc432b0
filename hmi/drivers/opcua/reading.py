"""A value that was read by hand or from the server's history, as a sample of a tag."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from asyncua import ua

from hmi.core.instants import Instants
from hmi.core.quality import Status, is_good
from hmi.core.tag import TagType
from hmi.drivers.api import Point, Sample
from hmi.drivers.columns import EXACT, clean, distrust
from hmi.drivers.opcua.address import ElementAddress
from hmi.drivers.opcua.content import nanoseconds
from hmi.drivers.opcua.elements import MISSING, element
from hmi.drivers.opcua.intake import plain


def to_sample(value: ua.DataValue, point: Point, now: Instants, opened: Callable[[object], object]) -> Sample:
    """The sample in device numbers; what does not fit the tag's type is Bad_TypeMismatch. `opened` opens structures."""
    status = 0 if value.StatusCode is None else value.StatusCode.value
    stamp = value.SourceTimestamp or value.ServerTimestamp
    time = now.utc if stamp is None else nanoseconds(stamp)
    content: object = None if value.Value is None else value.Value.Value
    if isinstance(point.address, ElementAddress):
        content = element(opened(content), point.address.path)
    content = None if content is MISSING else plain(content)
    if point.type is TagType.STRING and isinstance(content, str):
        return Sample(clean(content), status, time)
    if point.type is TagType.STRING or not isinstance(content, int | float):
        missing = Status.BAD_NO_DATA if content is None else Status.BAD_TYPE_MISMATCH
        return Sample(float("nan"), missing if is_good(status) else status, time)
    if isinstance(content, int) and abs(content) > EXACT and is_good(status):
        status = Status.UNCERTAIN
    (checked,) = distrust(np.array([content], np.float64), np.array([status], np.uint32))
    return Sample(float(content), int(checked), time)
