"""Builds the process PLC's address space: a folder a unit, string node ids, ranges, units and methods."""

from collections.abc import Awaitable, Callable, Mapping

from asyncua import ua
from asyncua.common.node import Node
from asyncua.server.server import Server
from asyncua.ua.attribute_ids import AttributeIds

from hmi.softplc.opcua_ids import node_id
from hmi.softplc.points import Kind, Point, Value
from hmi.softplc.points.machine import COMMANDS

NAMESPACE = "urn:lineside:demo:process"
UNECE = "http://www.opcfoundation.org/UA/units/un/cefact"
VARIANTS: Mapping[Kind, ua.VariantType] = {
    Kind.FLOAT: ua.VariantType.Double,
    Kind.INT: ua.VariantType.UInt32,
    Kind.BOOL: ua.VariantType.Boolean,
    Kind.ENUM: ua.VariantType.Int32,
    Kind.STRING: ua.VariantType.String,
}
Press = Callable[[str, str], Awaitable[ua.StatusCode]]


async def build(server: Server, points: Mapping[str, Point], values: Mapping[str, Value], press: Press) -> int:
    """Create folders, variables and methods; returns the namespace index. `press(unit, command)` pushes a button."""
    index = await server.register_namespace(NAMESPACE)
    folders: dict[str, Node] = {}
    for point in points.values():
        if point.unit not in folders:
            folders[point.unit] = await server.nodes.objects.add_folder(
                node_id(point.unit, index), ua.QualifiedName(point.unit, index)
            )
        await _variable(folders[point.unit], index, point, values[point.name])
    for unit, folder in folders.items():
        if f"{unit}.cmd_start" in points:
            await _methods(folder, index, unit, press)
    return index


async def _variable(folder: Node, index: int, point: Point, value: Value) -> None:
    node = await folder.add_variable(
        node_id(point.name, index), ua.QualifiedName(point.measure, index), value, VARIANTS[point.kind]
    )
    await node.write_attribute(
        AttributeIds.Description,
        ua.DataValue(ua.Variant(ua.LocalizedText(point.text), ua.VariantType.LocalizedText)),
    )
    if point.writable:
        await node.set_writable()
    if point.kind is Kind.FLOAT:
        await node.add_property(
            node_id(f"{point.name}.EURange", index),
            ua.QualifiedName("EURange", 0),
            ua.Range(Low=point.low, High=point.high),
        )
        unit = ua.EUInformation(
            NamespaceUri=UNECE,
            UnitId=-1,
            DisplayName=ua.LocalizedText(point.eu),
            Description=ua.LocalizedText(point.eu),
        )
        await node.add_property(
            node_id(f"{point.name}.EngineeringUnits", index), ua.QualifiedName("EngineeringUnits", 0), unit
        )


async def _methods(folder: Node, index: int, unit: str, press: Press) -> None:
    for command in COMMANDS:

        async def call(_parent: ua.NodeId, *_arguments: object, name: str = command) -> ua.StatusCode:
            return await press(unit, name)

        title = command.capitalize()
        await folder.add_method(node_id(f"{unit}.{title}", index), ua.QualifiedName(title, index), call, [], [])
