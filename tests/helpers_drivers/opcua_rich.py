"""An OPC UA server with all that a large one has, as a child process driven by JSON lines: `opcua_rich.py PORT CONFIG`.

CONFIG is JSON: `folder` with `server.der` and `server.pem` for secured endpoints, `uri` of the application, `user` and
`password`, `limit` of operations in one request, `page` of references in one answer, `refuse` every second item.
Commands, one answer line each: `set`, `shifted`, `record`, `alarm`, `acks`, `items`, `pages`, `forget_session`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asyncua import Server, ua
from asyncua.common.structures104 import new_enum, new_struct, new_struct_field
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.address_space import ViewService
from asyncua.server.monitored_item_service import MonitoredItemService
from asyncua.server.uaprocessor import UaProcessor
from asyncua.ua.ua_binary import struct_from_binary

URI = "urn:lineside:rich"


class Pages:
    """Browse results a page at a time, which the library's server does not do by itself."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.rest: dict[bytes, list[ua.ReferenceDescription]] = {}
        self.asked = 0
        self._number = itertools.count(1)
        browse, process = ViewService._browse, UaProcessor._process_message

        def paged(service, description):
            result = browse(service, description)
            if description.ReferenceTypeId.Identifier == ua.ObjectIds.HierarchicalReferences:
                result.References, result.ContinuationPoint = self.page(result.References)
            return result

        async def processed(processor, typeid, header, sequence, body):
            if typeid != ua.NodeId(ua.ObjectIds.BrowseNextRequest_Encoding_DefaultBinary):
                return await process(processor, typeid, header, sequence, body)
            self.asked += 1
            parameters = struct_from_binary(ua.BrowseNextParameters, body)
            response = ua.BrowseNextResponse()
            for point in parameters.ContinuationPoints:
                result = ua.BrowseResult()
                result.References, result.ContinuationPoint = self.page(self.rest.pop(point))
                response.Parameters.Results.append(result)
            processor.send_response(header.RequestHandle, sequence, response)
            return True

        ViewService._browse = paged
        UaProcessor._process_message = processed

    def page(self, references):
        now, later = references[: self.size], references[self.size :]
        if not later:
            return now, None
        point = str(next(self._number)).encode()
        self.rest[point] = later
        return now, point


def limit_operations(limit: int) -> None:
    """Refuses what is more than a limit; the library's server takes any number."""
    process = UaProcessor._process_message

    async def processed(processor, typeid, header, sequence, body):
        for kind, parameters, name in (
            (ua.ObjectIds.ReadRequest_Encoding_DefaultBinary, ua.ReadParameters, "NodesToRead"),
            (ua.ObjectIds.BrowseRequest_Encoding_DefaultBinary, ua.BrowseParameters, "NodesToBrowse"),
            (
                ua.ObjectIds.CreateMonitoredItemsRequest_Encoding_DefaultBinary,
                ua.CreateMonitoredItemsParameters,
                "ItemsToCreate",
            ),
        ):
            if typeid == ua.NodeId(kind) and len(getattr(struct_from_binary(parameters, body.copy()), name)) > limit:
                raise ua.uaerrors.BadTooManyOperations
        return await process(processor, typeid, header, sequence, body)

    UaProcessor._process_message = processed


def refuse_every_second() -> None:
    create = MonitoredItemService._create_data_change_monitored_item
    turn = itertools.count()

    async def created(service, item):
        if next(turn) % 2:
            result = ua.MonitoredItemCreateResult()
            result.StatusCode = ua.StatusCode(ua.StatusCodes.BadUserAccessDenied)
            return result
        return await create(service, item)

    MonitoredItemService._create_data_change_monitored_item = created


class OneUser:
    def __init__(self, name: str, password: str) -> None:
        self._known = (name, password)

    def get_user(self, _server, username=None, password=None, certificate=None):
        fits = (username, password) == self._known or (username is None and certificate is not None)
        return User(role=UserRole.User, name=username or "certificate") if fits else None


class Rich:
    """The server's nodes."""

    def __init__(self, server: Server, config: dict) -> None:
        self.server = server
        self.config = config
        self.nodes: dict[str, object] = {}
        self.acks: list[list[str]] = []
        self.pages: Pages | None = None

    async def build(self, index: int) -> None:
        self.index = index
        line = await self.server.nodes.objects.add_object(ua.NodeId("Line", index), f"{index}:Line")
        self.line = line
        temperature = await self._add(line, "Temperature", 20.5, ua.VariantType.Double, writable=True)
        unit = ua.EUInformation("http://www.opcfoundation.org/UA/units/un/cefact", 4408652, ua.LocalizedText("°C"))
        await temperature.add_property(ua.NodeId("Line.T.EU", index), "0:EngineeringUnits", unit)
        await temperature.add_property(ua.NodeId("Line.T.Range", index), "0:EURange", ua.Range(-10.0, 120.0))
        await temperature.write_attribute(
            ua.AttributeIds.Description, ua.DataValue(ua.Variant(ua.LocalizedText("Product temperature")))
        )
        await self._add(line, "Name", "Line 1", ua.VariantType.String)
        await self._add(line, "Tank#1", 1.0, ua.VariantType.Double)
        await self._add(line, "Values", [1.0, 2.0, 3.0, 4.0], ua.VariantType.Double, writable=True)
        select = await self._add(line, "Select", 1, ua.VariantType.UInt32)
        names = [ua.LocalizedText("Off"), ua.LocalizedText("On")]
        await select.add_property(ua.NodeId("Line.Select.Names", index), "0:EnumStrings", names)
        await self._add_own_types(line, index)
        many = await line.add_folder(ua.NodeId("Many", index), f"{index}:Many")
        for number in range(self.config.get("many", 25)):
            await self._add(many, f"M{number}", float(number), ua.VariantType.Double)
        for name in ("Overheat", "Jam"):
            await line.add_object(ua.NodeId(name, index), f"{index}:{name}")
        await line.add_method(ua.NodeId("Line.Start", index), f"{index}:Start", self._start, [], [])
        self.server.link_method(
            self.server.get_node(ua.NodeId(ua.ObjectIds.AcknowledgeableConditionType_Acknowledge)), self._acknowledged
        )
        if self.config.get("history"):
            await self.server.historize_node_data_change(self.nodes["Temperature"], count=5000)

    async def _add(self, parent, name, value, kind, *, writable=False, data_type=None):
        node = await parent.add_variable(
            ua.NodeId(f"Line.{name}", self.index), f"{self.index}:{name}", value, kind, data_type
        )
        if writable:
            await node.set_writable()
        self.nodes[name] = node
        return node

    async def _add_own_types(self, line, index: int) -> None:
        states = await new_enum(self.server, index, "PhaseType", ["Idle", "Run", "Held"])
        step, _ = await new_struct(
            self.server,
            index,
            "StepType",
            [new_struct_field("Speed", ua.VariantType.Float), new_struct_field("Phase", states.nodeid)],
        )
        recipe, _ = await new_struct(
            self.server,
            index,
            "RecipeType",
            [
                new_struct_field("Label", ua.VariantType.String),
                new_struct_field("Speed", ua.VariantType.Double),
                new_struct_field("Limits", ua.VariantType.Int32, array=True),
                new_struct_field("Steps", step, array=True),
                new_struct_field("Since", ua.VariantType.DateTime),
            ],
        )
        await self.server.load_data_type_definitions()
        self.recipe = recipe
        value = self._recipe(10.0)
        await self._add(line, "Recipe", value, ua.VariantType.ExtensionObject, data_type=recipe.nodeid)
        await self._add(line, "Phase", 1, ua.VariantType.Int32, data_type=states.nodeid)

    def _recipe(self, speed: float):
        steps = [ua.StepType(Speed=speed + n, Phase=ua.PhaseType(n)) for n in range(3)]
        since = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        return ua.RecipeType(Label="Lemon", Speed=speed, Limits=[5, 6, 7], Steps=steps, Since=since)

    async def _start(self, _parent):
        return []

    async def _acknowledged(self, parent, event, comment):
        self.acks.append([str(parent.Identifier), event.Value.hex(), comment.Value.Text])
        return []

    async def set(self, name: str, value: object, offset: float = 0.0) -> None:
        kind = ua.VariantType.Int32 if name == "Phase" else ua.VariantType.Double
        value = ua.Variant(self._recipe(value)) if name == "Recipe" else ua.Variant(value, kind)
        stamp = datetime.now(UTC) + timedelta(seconds=offset)
        data = ua.DataValue(value, ua.StatusCode(0), stamp, stamp)
        await self.server.write_attribute_value(self.nodes[name].nodeid, data)

    async def record(self, name: str, count: int) -> list[int]:
        """Values 1..count, a millisecond apart; answers their stamps in ns."""
        stamps = []
        for number in range(1, count + 1):
            await self.set(name, float(number))
            node = self.server.iserver.aspace.read_attribute_value(self.nodes[name].nodeid, ua.AttributeIds.Value)
            since = node.SourceTimestamp - datetime(1970, 1, 1, tzinfo=UTC)
            stamps.append(round(since.total_seconds() * 1e6) * 1000)
            await asyncio.sleep(0.002)
        return stamps

    async def alarm(self, name: str, active: bool, acked: bool, retain: bool) -> None:
        generator = await self.server.get_event_generator(ua.ObjectIds.AlarmConditionType, ua.ObjectIds.Server)
        event = generator.event
        event.NodeId = ua.NodeId(name, self.index)
        event.ConditionName, event.SourceName, event.Retain, event.Severity = name, "Line 1", retain, 700
        for path, value in (("ActiveState/Id", active), ("AckedState/Id", acked)):
            event.add_property(path, value, ua.VariantType.Boolean)
        await generator.trigger(message=f"{name} happened")

    async def forget_session(self, *, with_subscriptions: bool) -> None:
        """Drops every outside session as a server does that restarts its gateway."""
        service = self.server.iserver.subscription_service
        gone = list(self.server.iserver._external_sessions.values())
        for session in gone:
            self.server.iserver.unregister_external_session(session)
        if with_subscriptions:
            owners = {session.session_id for session in gone}
            ids = [id_ for id_, one in service.subscriptions.items() if one.session_id in owners]
            await service.delete_subscriptions(ids)

    def items(self) -> int:
        subscriptions = self.server.iserver.subscription_service.subscriptions.values()
        return sum(len(one.monitored_item_srv._monitored_items) for one in subscriptions)


async def handle(rich: Rich, command: dict) -> object:
    answer: object = None
    if "set" in command:
        await rich.set(*command["set"])
    if "shifted" in command:
        await rich.set(*command["shifted"])
    if "record" in command:
        answer = await rich.record(*command["record"])
    if "alarm" in command:
        await rich.alarm(*command["alarm"])
    if "acks" in command:
        answer = rich.acks
    if "items" in command:
        answer = rich.items()
    if "pages" in command:
        answer = rich.pages.asked
    if "forget_session" in command:
        await rich.forget_session(with_subscriptions=command["forget_session"])
    return answer


async def secured(server: Server, config: dict) -> None:
    folder = Path(config["folder"])
    await server.load_certificate(folder / "server.der")
    await server.load_private_key(folder / "server.pem")
    kinds = ["Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss"]
    policies = [getattr(ua.SecurityPolicyType, f"{k}_{mode}") for k in kinds for mode in ("Sign", "SignAndEncrypt")]
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity, *policies])


async def main(port: int, config: dict) -> None:
    logging.disable(logging.CRITICAL)
    user = OneUser(config["user"], config["password"]) if "user" in config else None
    server = Server(user_manager=user)
    server.iserver.bind_condition_methods = 1
    await server.init()
    await server.set_application_uri(config.get("uri", "urn:lineside:rich:server"))
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/")
    if "folder" in config:
        await secured(server, config)
    if user is not None:
        server.set_identity_tokens([ua.UserNameIdentityToken, ua.X509IdentityToken])
    rich = Rich(server, config)
    await rich.build(await server.register_namespace(URI))
    # Only now, for the library's own client of itself knows none of these.
    if "page" in config:
        rich.pages = Pages(config["page"])
    if "limit" in config:
        limit_operations(config["limit"])
    if config.get("refuse"):
        refuse_every_second()
    async with server:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            answer = await handle(rich, json.loads(line))
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), json.loads(sys.argv[2])))
