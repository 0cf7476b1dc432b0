"""Payloads of Sparkplug messages, taken out of protobuf and put into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from google.protobuf.message import DecodeError

from .datatypes import DataType, Scalar, scalar
from .schema import payload_class

LARGEST: Final = 1 << 20
"""Bytes of a message that is looked at."""
_DEEPEST: Final = 8
"""Templates within templates."""
MS: Final = 1_000_000


class BadPayloadError(ValueError):
    """Bytes that are no payload."""


@dataclass(frozen=True, slots=True)
class Table:
    """The content of a data set."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Scalar | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of a message as it came."""

    name: str = ""
    alias: int | None = None
    time: int | None = None
    """ns UTC."""
    datatype: int | None = None
    historical: bool = False
    null: bool = False
    carrier: str = ""
    """Name of the field that has the value; empty: none has."""
    raw: Any = None
    """As in that field; a `Table`, or the members of a template."""
    properties: Mapping[str, Scalar] = field(default_factory=dict)
    definition: bool = False
    """Describes a template and is no value."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of an edge node."""

    time: int | None
    """ns UTC."""
    seq: int | None
    metrics: tuple[Metric, ...]


class Codec:
    """Decodes and encodes payloads."""

    def __init__(self) -> None:
        self._class = payload_class()

    def decode(self, data: bytes) -> Message:
        """The message in these bytes; fields that are not known are passed over.

        Raises:
            BadPayloadError: they are no payload, or one that is too large.
        """
        if len(data) > LARGEST:
            raise BadPayloadError(f"{len(data)} bytes")
        try:
            payload = self._class.FromString(data)
            metrics = tuple(_metric(m, 0) for m in payload.metrics)
        except (DecodeError, RecursionError, UnicodeDecodeError) as fault:
            raise BadPayloadError(str(fault)) from fault
        time = payload.timestamp * MS if payload.HasField("timestamp") else None
        return Message(time, payload.seq if payload.HasField("seq") else None, metrics)

    def command(self, time: int, name: str, alias: int | None, datatype: DataType, field_: str, value: Scalar) -> bytes:
        """The payload of a command: one metric, the time (ns UTC), and no seq. An alias replaces the name."""
        payload = self._class(timestamp=time // MS)
        metric = payload.metrics.add(timestamp=time // MS, datatype=int(datatype))
        if alias is None:
            metric.name = name
        else:
            metric.alias = alias
        setattr(metric, field_, value)
        return bytes(payload.SerializeToString())


def members(metric: Metric, depth: int = 0) -> Iterator[Metric]:
    """The members of a template's value under the names they have as tags, whole levels down."""
    if metric.carrier != "template_value" or depth >= _DEEPEST:
        return
    for member in metric.raw:
        named = replace(member, name=f"{metric.name}/{member.name}", alias=None, time=member.time or metric.time)
        yield named
        yield from members(named, depth + 1)


def _metric(m: Any, depth: int) -> Metric:
    field_ = m.WhichOneof("value") or ""
    raw: Any = getattr(m, field_) if field_ else None
    definition = False
    if field_ == "dataset_value":
        raw = _table(raw)
    elif field_ == "template_value":
        definition = raw.is_definition
        raw = tuple(_metric(inner, depth + 1) for inner in raw.metrics) if depth < _DEEPEST else ()
    return Metric(
        m.name,
        m.alias if m.HasField("alias") else None,
        m.timestamp * MS if m.HasField("timestamp") else None,
        m.datatype if m.HasField("datatype") else None,
        m.is_historical,
        m.is_null,
        field_,
        raw,
        _properties(m.properties) if m.HasField("properties") else {},
        definition,
    )


def _properties(found: Any) -> dict[str, Scalar]:
    properties: dict[str, Scalar] = {}
    for key, value in zip(found.keys, found.values, strict=False):
        field_ = value.WhichOneof("value")
        if field_ is not None and not value.is_null:
            properties[key] = _meaning(value.type, field_, getattr(value, field_)) or 0
    return properties


def _table(found: Any) -> Table:
    types = list(found.types)
    rows = []
    for row in found.rows:
        cells: list[Scalar | None] = []
        for at, cell in enumerate(row.elements):
            field_ = cell.WhichOneof("value")
            known = field_ is not None and at < len(types)
            cells.append(_meaning(types[at], field_, getattr(cell, field_)) if known else None)
        rows.append(tuple(cells))
    return Table(tuple(found.columns), tuple(rows))


def _meaning(number: int, field_: str, value: Scalar) -> Scalar | None:
    try:
        return scalar(DataType(number), field_, value)
    except ValueError:  # a MismatchError, or a number that is no type
        return None
