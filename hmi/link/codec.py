"""Messages to bytes and back. A frame that does not decode ends the session: nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeVar

import msgspec
import numpy as np

from hmi.core.batch import Batch
from hmi.core.errors import LinesideError
from hmi.link.messages import MAX_MESSAGE, ClientMessage, Message, StationMessage, Values

_ENCODER: Final = msgspec.msgpack.Encoder()
_CLIENT: Final[msgspec.msgpack.Decoder[ClientMessage]] = msgspec.msgpack.Decoder(ClientMessage)
_STATION: Final[msgspec.msgpack.Decoder[StationMessage]] = msgspec.msgpack.Decoder(StationMessage)

Row = TypeVar("Row")

ROWS_A_MESSAGE: Final = (MAX_MESSAGE - 1024) // 24
"""Rows of numbers that fit one message (4 + 8 + 8 + 4 bytes each)."""

_ROWS_AT_ONCE: Final = 500
"""Structs tried in one message; they are halved until they fit."""

LONGEST_TEXT: Final = 32_000
"""Characters of a text value that are sent: a device may hold one that no message carries, and no session must end
for it. What is cut ends in `…`; history keeps the whole."""


class WireError(LinesideError):
    """Bytes that are no message of this protocol."""


def encode(message: Message) -> bytes:
    """The bytes of one message.

    Raises:
        WireError: the message would exceed MAX_MESSAGE.
    """
    data = _ENCODER.encode(message)
    if len(data) > MAX_MESSAGE:
        raise WireError(f"A {type(message).__name__} of {len(data)} bytes is over the limit of {MAX_MESSAGE}.")
    return data


def encode_rows(rows: Sequence[Row], message: Callable[[Sequence[Row], bool], Message]) -> list[bytes]:
    """Messages that carry all rows in order, each as many as fit; `message` is told which one is the first.

    Raises:
        WireError: a single row is too large.
    """
    parts = [rows[at : at + _ROWS_AT_ONCE] for at in range(0, len(rows), _ROWS_AT_ONCE)] or [rows]
    waiting, out = parts[::-1], list[bytes]()
    while waiting:
        part = waiting.pop()
        try:
            out.append(encode(message(part, not out)))
        except WireError:
            if len(part) < 2:
                raise
            waiting += [part[len(part) // 2 :], part[: len(part) // 2]]
    return out


def decode_client(data: bytes) -> ClientMessage:
    """What a client said.

    Raises:
        WireError: not a client message.
    """
    try:
        return _CLIENT.decode(data)
    except msgspec.MsgspecError as error:
        raise WireError(f"A client's message cannot be read: {error}.") from error


def decode_station(data: bytes) -> StationMessage:
    """What the station said.

    Raises:
        WireError: not a station message.
    """
    try:
        return _STATION.decode(data)
    except msgspec.MsgspecError as error:
        raise WireError(f"The station's message cannot be read: {error}.") from error


def values_message(subscription: int, batch: Batch, *, lost: bool = False) -> Values:
    """One message of a Batch that fits (see `split`)."""
    return Values(
        subscription,
        batch.tag.astype("<i4", copy=False).tobytes(),
        batch.time.astype("<i8", copy=False).tobytes(),
        batch.value.astype("<f8", copy=False).tobytes(),
        batch.status.astype("<u4", copy=False).tobytes(),
        list(batch.text),
        batch.text_rows.astype("<i4", copy=False).tobytes(),
        lost,
    )


def batch_from(message: Values) -> Batch:
    """The samples of a `Values`; `received` is 0, the panel's clock is another.

    Raises:
        WireError: columns of different length, or a text row that points nowhere.
    """
    tag = np.frombuffer(message.tag, "<i4")
    value = np.frombuffer(message.value, "<f8")
    rows = np.frombuffer(message.text_rows, "<i4")
    try:
        batch = Batch(
            tag,
            np.frombuffer(message.time, "<i8"),
            np.zeros(len(tag), np.int64),
            value,
            np.frombuffer(message.status, "<u4"),
            tuple(message.text),
            rows,
        )
    except ValueError as error:
        raise WireError(f"A Values message is malformed: {error}.") from error
    if len(rows) and (rows.min() < 0 or rows.max() >= len(tag) or not _indexes(value[rows], len(message.text))):
        raise WireError("A Values message has text rows that point nowhere.")
    return batch


def _indexes(values: np.ndarray[tuple[int], np.dtype[np.float64]], length: int) -> bool:
    return bool(np.all((values >= 0) & (values < length)))


def split(batch: Batch) -> list[Batch]:
    """Parts of a Batch that each fit one message; texts are re-indexed so that no part carries another's strings."""
    if len(batch) <= ROWS_A_MESSAGE and not batch.text:
        return [batch]
    if not batch.text:
        return [
            batch.take(np.arange(at, min(at + ROWS_A_MESSAGE, len(batch))))
            for at in range(0, len(batch), ROWS_A_MESSAGE)
        ]
    return _split_text(batch)


def _split_text(batch: Batch) -> list[Batch]:
    if any(len(text) > LONGEST_TEXT for text in batch.text):
        batch = replace(batch, text=tuple(_shortened(text) for text in batch.text))
    budget = MAX_MESSAGE - 4096
    parts: list[Batch] = []
    start, size = 0, 0
    text_rows = set(batch.text_rows.tolist())
    for row in range(len(batch)):
        cost = 24 + (len(batch.text[int(batch.value[row])].encode()) + 9 if row in text_rows else 0)
        if size + cost > budget and row > start:
            parts.append(_compact(batch.take(np.arange(start, row))))
            start, size = row, 0
        size += cost
    parts.append(_compact(batch.take(np.arange(start, len(batch)))))
    return parts


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _compact(batch: Batch) -> Batch:
    """The same rows with only the strings they use."""
    if not len(batch.text_rows):
        return batch
    used, inverse = np.unique(batch.value[batch.text_rows].astype(np.int64), return_inverse=True)
    value = batch.value.copy()
    value[batch.text_rows] = inverse
    return Batch(
        batch.tag,
        batch.time,
        batch.received,
        value,
        batch.status,
        tuple(batch.text[i] for i in used),
        batch.text_rows,
        batch.backfill,
    )
