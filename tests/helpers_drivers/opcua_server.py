"""An OPC UA server as a child process, driven by JSON lines: `python opcua_server.py PORT [SPARE_NAMESPACES]`.

Commands on stdin, one answer line each: `{"set": [name, value], "age": s}`, `{"burst": [name, count, period]}`,
`{"status": [name, code]}`, `{"writes": null}`, `{"stop": null}`. The first line printed is `ready`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from datetime import UTC, datetime, timedelta

from asyncua import Server, ua
from asyncua.common.callback import CallbackType

URI = "urn:lineside:test"
VARIABLES = {
    "Level": (ua.VariantType.Double, 1.5, False),
    "Fast": (ua.VariantType.Double, 0.0, False),
    "Count": (ua.VariantType.Int32, -7, False),
    "Running": (ua.VariantType.Boolean, True, False),
    "Name": (ua.VariantType.String, "Mixer 1", True),
    "Big": (ua.VariantType.UInt64, 2**60 + 1, False),
    "When": (ua.VariantType.DateTime, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), False),
    "Values": (ua.VariantType.Double, [1.0, 2.0], False),
    "Setpoint": (ua.VariantType.Float, 10.0, True),
    "Mode": (ua.VariantType.Int16, 1, True),
    "Enable": (ua.VariantType.Boolean, False, True),
    "Empty": (ua.VariantType.Null, None, False),
}


class Plant:
    """The server's nodes and what was done to them."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.nodes: dict[str, object] = {}
        self.writes: list[tuple[str, object]] = []

    async def build(self, index: int, many: int) -> None:
        objects = self.server.nodes.objects
        mixer = await objects.add_object(ua.NodeId("Mixer", index), f"{index}:Mixer")
        for name, (kind, value, writable) in VARIABLES.items():
            node = await mixer.add_variable(ua.NodeId(f"Mixer.{name}", index), f"{index}:{name}", value, kind)
            if writable:
                await node.set_writable()
            self.nodes[name] = node
        for number in range(many):
            name = f"N{number}"
            self.nodes[name] = await mixer.add_variable(ua.NodeId(f"Mixer.{name}", index), f"{index}:{name}", 0.0)
        await mixer.add_method(ua.NodeId("Mixer.Start", index), f"{index}:Start", self._start, [], [])
        await mixer.add_method(ua.NodeId("Mixer.Fail", index), f"{index}:Fail", self._fail, [], [])
        self.server.subscribe_server_callback(CallbackType.PostWrite, self._written)

    async def _start(self, _parent: ua.NodeId) -> list[ua.Variant]:
        self.writes.append(("Start", 1))
        return []

    async def _fail(self, _parent: ua.NodeId) -> ua.StatusCode:
        return ua.StatusCode(ua.StatusCodes.BadInvalidState)

    async def _written(self, event: object, _dispatcher: object) -> None:
        if not event.is_external:
            return
        for item in event.request_params.NodesToWrite:
            self.writes.append((str(item.NodeId.Identifier).removeprefix("Mixer."), item.Value.Value.Value))

    async def set(self, name: str, value: object, age: float = 0.0, status: int = 0) -> None:
        kind = VARIABLES.get(name, (ua.VariantType.Double, None, False))[0]
        stamp = datetime.now(UTC) - timedelta(seconds=age)
        data = ua.DataValue(ua.Variant(value, kind), ua.StatusCode(status), stamp, datetime.now(UTC))
        await self.server.write_attribute_value(self.nodes[name].nodeid, data)

    async def burst(self, name: str, count: int, period: float) -> list[int]:
        stamps = []
        loop = asyncio.get_running_loop()
        start = loop.time()
        for number in range(1, count + 1):
            stamp = datetime.now(UTC)
            await self.server.write_attribute_value(
                self.nodes[name].nodeid, ua.DataValue(ua.Variant(float(number)), ua.StatusCode(0), stamp, stamp)
            )
            stamps.append((stamp - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000)
            await asyncio.sleep(max(0.0, start + number * period - loop.time()))
        return stamps

    async def flood(self, many: int, rounds: int, period: float) -> int:
        """Changes N0..N(many-1) once a round."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        nodes = [self.nodes[f"N{number}"].nodeid for number in range(many)]
        for number in range(1, rounds + 1):
            stamp = datetime.now(UTC)
            for node in nodes:
                await self.server.write_attribute_value(
                    node, ua.DataValue(ua.Variant(float(number)), ua.StatusCode(0), stamp, stamp)
                )
            await asyncio.sleep(max(0.0, start + number * period - loop.time()))
        return many * rounds


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def main(port: int, spare: int, many: int) -> None:
    logging.disable(logging.CRITICAL)
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/")
    for number in range(spare):
        await server.register_namespace(f"urn:lineside:spare:{number}")
    plant = Plant(server)
    await plant.build(await server.register_namespace(URI), many)
    async with server:
        tell("ready")
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            command = json.loads(line)
            if "set" in command:
                await plant.set(*command["set"], age=command.get("age", 0.0), status=command.get("status", 0))
            answer: object = None
            if "burst" in command:
                answer = await plant.burst(*command["burst"])
            if "flood" in command:
                answer = await plant.flood(*command["flood"])
            if "forget" in command:
                plant.writes.clear()
            if "writes" in command:
                answer = plant.writes
            tell(json.dumps(answer))
            if "stop" in command:
                break


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
