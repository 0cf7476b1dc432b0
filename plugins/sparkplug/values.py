"""What a metric says, and what a tag shows of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from hmi.core.quality import Status, is_bad, is_good, worst
from hmi.core.tag import TagType
from hmi.drivers.columns import EXACT, clean

from .datatypes import DataType, MismatchError, Scalar, elements, scalar
from .payload import Metric, Table

Content = Scalar | list[Scalar] | Table | None
"""One value, the elements of an array, the cells of a data set; None: there is none."""

STALE: Final = Status.UNCERTAIN_NO_COMMUNICATION_LAST_USABLE
_QUALITIES: Final[Mapping[Scalar, Status]] = {0: Status.BAD, 192: Status.GOOD, 500: Status.UNCERTAIN_LAST_USABLE_VALUE}
_ARRAYS: Final = range(DataType.INT8_ARRAY, DataType.DATE_TIME_ARRAY + 1)


def content_of(metric: Metric, datatype: DataType) -> tuple[Content, int]:
    """Content and status of a metric that was born with this type.

    Raises:
        MismatchError: the value is not of that type.
    """
    if metric.null:
        return None, Status.BAD_NO_DATA
    status = _quality(metric)
    if not metric.carrier:
        # A template's members and a property alone come without a value of their own.
        return None, worst(status, Status.BAD_NO_DATA)
    if datatype in _ARRAYS:
        if metric.carrier != "bytes_value":
            raise MismatchError(f"a {datatype.name} came as {metric.carrier}")
        return elements(datatype, metric.raw), status
    if datatype is DataType.DATA_SET:
        if not isinstance(metric.raw, Table):
            raise MismatchError(f"a data set came as {metric.carrier}")
        return metric.raw, status
    if datatype in {DataType.TEMPLATE, DataType.BYTES, DataType.FILE}:
        return None, worst(status, Status.BAD_TYPE_MISMATCH)
    return scalar(datatype, metric.carrier, metric.raw), status


def _quality(metric: Metric) -> int:
    quality = metric.properties.get("Quality")
    # A node may send any type there; one that is no number is no key either.
    return Status.GOOD if quality is None else _QUALITIES.get(quality, Status.UNCERTAIN)


def stale(status: int) -> int:
    """Status of a value whose source has gone: the last one, while it was usable."""
    return Status.BAD_NO_COMMUNICATION if is_bad(status) else STALE


def doubtful(status: int) -> int:
    """Status of a value that may have changed in a message that was lost."""
    return Status.UNCERTAIN_LAST_USABLE_VALUE if is_good(status) else status


def fit(content: Content, status: int, type_: TagType, element: tuple[str, ...] | None) -> tuple[float | str, int]:
    """Value and status for a tag of this type; of an array or a data set the element counts."""
    nothing: float | str = "" if type_ is TagType.STRING else math.nan
    if element is not None and content is not None:
        content, status = _element(content, status, element)
    if content is None:
        return nothing, status if is_bad(status) else Status.BAD_NO_DATA
    if isinstance(content, list | Table) or isinstance(content, str) is not (type_ is TagType.STRING):
        return nothing, worst(status, Status.BAD_TYPE_MISMATCH)
    if isinstance(content, str):
        return clean(content), status
    if isinstance(content, int) and not -EXACT <= content <= EXACT:
        return float(content), worst(status, Status.UNCERTAIN)
    if not math.isfinite(content):
        return nothing, worst(status, Status.BAD_OUT_OF_RANGE)
    return float(content), status


def _element(content: Content, status: int, element: tuple[str, ...]) -> tuple[Content, int]:
    if isinstance(content, list) and len(element) == 1:
        at = _index(element[0], len(content))
        return (None, Status.BAD_NO_DATA) if at is None else (content[at], status)
    if isinstance(content, Table) and len(element) == 2:
        row = _index(element[0], len(content.rows))
        named = content.columns.index(element[1]) if element[1] in content.columns else None
        column = _index(element[1], len(content.columns)) if named is None else named
        if row is None or column is None or column >= len(content.rows[row]):
            return None, Status.BAD_NO_DATA
        return content.rows[row][column], status
    return None, Status.BAD_TYPE_MISMATCH


def _index(text: str, length: int) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 9 and int(text) < length else None
