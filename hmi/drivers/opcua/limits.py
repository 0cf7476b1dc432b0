"""How much a server takes in one request, as it says itself; the library splits nothing by that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, fields
from typing import Final, TypeVar

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.uaerrors import BadEncodingLimitsExceeded, BadRequestTooLarge, BadResponseTooLarge, BadTooManyOperations

CHUNK: Final = 1000
"""Nodes in one request where the server names no limit: works with every server met, 20,000 do not."""

_TOO_MUCH: Final = (BadTooManyOperations, BadRequestTooLarge, BadResponseTooLarge, BadEncodingLimitsExceeded)

R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """Operations in one request."""

    read: int = CHUNK
    write: int = CHUNK
    browse: int = CHUNK
    method: int = CHUNK
    monitor: int = CHUNK
    history: int = 100
    """Nodes of one history request; their samples are what makes the answer large."""

    @classmethod
    def of(cls, told: Sequence[ua.DataValue]) -> Limits:
        """From the values of `LIMIT_NODES`; what is missing, 0 or nonsense is the default."""
        defaults = cls()
        kept: dict[str, int] = {}
        for field, value in zip(fields(cls), told, strict=False):
            content: object = None if value.Value is None else value.Value.Value
            default: int = getattr(defaults, field.name)
            usable = isinstance(content, int) and not isinstance(content, bool) and content > 0
            kept[field.name] = min(default, content) if usable and isinstance(content, int) else default
        return cls(**kept)


LIMIT_NODES: Final = (
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerWrite,
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse,
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerMethodCall,
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerHistoryReadData,
)
"""In the order of `Limits`' fields."""


async def in_parts(items: Sequence[T], limit: int, one: Callable[[Sequence[T]], Awaitable[list[R]]]) -> list[R]:
    """The results of one request a part, in order; parts are halved as long as the server finds them too large.

    Raises:
        FAULTS: as `one`; ValueError: the server answers for another number of items.
    """
    results: list[R] = []
    at = 0
    while at < len(items):
        part = items[at : at + limit]
        try:
            answer = await one(part)
        except _TOO_MUCH:
            if limit == 1:
                raise
            limit = max(1, limit // 2)
            continue
        if len(answer) != len(part):
            raise ValueError(f"an answer for {len(answer)} of {len(part)} nodes")
        results += answer
        at += limit
    return results
