"""The plain way from a PLC to a program: an asyncua subscription, and nothing else; prints the ages of what it is told.

`python -m benchmarks._bare_opcua ENDPOINT SECONDS NODE...` prints a JSON list of milliseconds.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import Any

from asyncua import Client


class Ages:
    """Notes how old each value is when it arrives."""

    def __init__(self) -> None:
        self.ms: list[float] = []
        self._known: set[str] = set()

    def datachange_notification(self, node: Any, _value: Any, data: Any) -> None:
        now = datetime.now(UTC)
        name = node.nodeid.Identifier
        if name not in self._known:  # the first value of a node was made before anybody asked
            self._known.add(name)
            return
        stamp = data.monitored_item.Value.SourceTimestamp
        stamp = stamp if stamp.tzinfo is not None else stamp.replace(tzinfo=UTC)
        self.ms.append((now - stamp).total_seconds() * 1000)


async def watch(endpoint: str, seconds: float, nodes: list[str]) -> list[float]:
    client = Client(endpoint)
    client.session_timeout = 600_000
    ages = Ages()
    async with client:
        subscription = await client.create_subscription(50, ages)
        await subscription.subscribe_data_change([client.get_node(node) for node in nodes])
        await asyncio.sleep(seconds)
        await subscription.delete()
    return ages.ms


if __name__ == "__main__":
    print(json.dumps(asyncio.run(watch(sys.argv[1], float(sys.argv[2]), sys.argv[3:]))))
