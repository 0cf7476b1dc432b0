"""The monitored items of one subscription: made and given up in requests that the server takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from asyncua import ua

from hmi.core.quality import code
from hmi.drivers.api import Sink
from hmi.drivers.opcua.items import Item
from hmi.drivers.opcua.limits import in_parts
from hmi.drivers.opcua.session import Session

_NO_FILTER: Final = frozenset(
    {
        ua.StatusCodes.BadMonitoredItemFilterUnsupported,
        ua.StatusCodes.BadMonitoredItemFilterInvalid,
        ua.StatusCodes.BadFilterNotAllowed,
        ua.StatusCodes.BadDeadbandFilterInvalid,
    }
)
"""Statuses of items that the server can monitor, only not with a deadband."""


class MonitoredItems:
    """What a subscription monitors."""

    def __init__(self, session: Session, sink: Sink) -> None:
        self.session = session
        self.subscription = 0
        """The server's id of the subscription."""
        self._sink = sink
        self._monitored: dict[int, int] = {}
        """The server's id of an item by its handle."""

    async def add(self, items: Sequence[Item]) -> list[tuple[Item, int]]:
        """Monitors nodes; returns those that the server refuses, with its status.

        Raises:
            FAULTS: the server does not answer.
        """
        refused = await self._create_items(items)
        unfiltered = [item.unfiltered() for item, status in refused if status in _NO_FILTER and item.filter is not None]
        if unfiltered:
            self._sink.count("refused_deadbands", len(unfiltered))
            again = {item.handle for item in unfiltered}
            refused = [one for one in refused if one[0].handle not in again] + await self._create_items(unfiltered)
        return [(item, code(status)) for item, status in refused]

    async def _create_items(self, items: Sequence[Item]) -> list[tuple[Item, int]]:
        async def one(part: Sequence[Item]) -> list[ua.MonitoredItemCreateResult]:
            return await self._create(item.request() for item in part)

        results = await in_parts(items, self.session.limits.monitor, one)
        refused: list[tuple[Item, int]] = []
        for item, result in zip(items, results, strict=True):
            if result.StatusCode.is_good():
                self._monitored[item.handle] = result.MonitoredItemId
            else:
                refused.append((item, result.StatusCode.value))
        return refused

    async def _create(self, requests: Iterable[ua.MonitoredItemCreateRequest]) -> list[ua.MonitoredItemCreateResult]:
        request = ua.CreateMonitoredItemsRequest()
        request.Parameters.SubscriptionId = self.subscription
        request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
        request.Parameters.ItemsToCreate = list(requests)
        return list((await self.session.call(request, ua.CreateMonitoredItemsResponse)).Results)

    async def add_events(self, item: ua.MonitoredItemCreateRequest) -> int:
        """Monitors a source of events; returns the server's status.

        Raises:
            FAULTS: the server does not answer.
        """
        (result,) = await self._create([item])
        return int(result.StatusCode.value)

    async def remove(self, handles: Sequence[int]) -> None:
        """Stops monitoring; handles that were refused are left out.

        Raises:
            FAULTS: the server does not answer.
        """
        known = [self._monitored.pop(handle) for handle in handles if handle in self._monitored]

        async def one(part: Sequence[int]) -> list[ua.StatusCode]:
            request = ua.DeleteMonitoredItemsRequest()
            request.Parameters.SubscriptionId = self.subscription
            request.Parameters.MonitoredItemIds = list(part)
            return list((await self.session.call(request, ua.DeleteMonitoredItemsResponse)).Results)

        await in_parts(known, self.session.limits.monitor, one)
