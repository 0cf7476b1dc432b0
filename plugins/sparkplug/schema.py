"""The messages of Sparkplug B's payload as the specification lists them: field numbers, names, types.

Built here and not generated: there is no generated code that could be newer than the installed runtime.
"""

from __future__ import annotations

from typing import Any, Final

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

_PACKAGE: Final = "lineside.sparkplug"

_SCALARS: Final = {
    "uint32": FieldDescriptorProto.TYPE_UINT32,
    "uint64": FieldDescriptorProto.TYPE_UINT64,
    "float": FieldDescriptorProto.TYPE_FLOAT,
    "double": FieldDescriptorProto.TYPE_DOUBLE,
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "string": FieldDescriptorProto.TYPE_STRING,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
}

_MESSAGES: Final = {
    # Message: (number, name, type, "" | "many" | name of the choice it belongs to)
    "Cell": (
        (1, "int_value", "uint32", "value"),
        (2, "long_value", "uint64", "value"),
        (3, "float_value", "float", "value"),
        (4, "double_value", "double", "value"),
        (5, "boolean_value", "bool", "value"),
        (6, "string_value", "string", "value"),
    ),
    "Row": ((1, "elements", "Cell", "many"),),
    "DataSet": (
        (1, "num_of_columns", "uint64", ""),
        (2, "columns", "string", "many"),
        (3, "types", "uint32", "many"),
        (4, "rows", "Row", "many"),
    ),
    "PropertyValue": (
        (1, "type", "uint32", ""),
        (2, "is_null", "bool", ""),
        (3, "int_value", "uint32", "value"),
        (4, "long_value", "uint64", "value"),
        (5, "float_value", "float", "value"),
        (6, "double_value", "double", "value"),
        (7, "boolean_value", "bool", "value"),
        (8, "string_value", "string", "value"),
    ),
    "PropertySet": ((1, "keys", "string", "many"), (2, "values", "PropertyValue", "many")),
    "Template": (
        (1, "version", "string", ""),
        (2, "metrics", "Metric", "many"),
        (4, "template_ref", "string", ""),
        (5, "is_definition", "bool", ""),
    ),
    "Metric": (
        (1, "name", "string", ""),
        (2, "alias", "uint64", ""),
        (3, "timestamp", "uint64", ""),
        (4, "datatype", "uint32", ""),
        (5, "is_historical", "bool", ""),
        (6, "is_transient", "bool", ""),
        (7, "is_null", "bool", ""),
        (9, "properties", "PropertySet", ""),
        (10, "int_value", "uint32", "value"),
        (11, "long_value", "uint64", "value"),
        (12, "float_value", "float", "value"),
        (13, "double_value", "double", "value"),
        (14, "boolean_value", "bool", "value"),
        (15, "string_value", "string", "value"),
        (16, "bytes_value", "bytes", "value"),
        (17, "dataset_value", "DataSet", "value"),
        (18, "template_value", "Template", "value"),
    ),
    "Payload": (
        (1, "timestamp", "uint64", ""),
        (2, "metrics", "Metric", "many"),
        (3, "seq", "uint64", ""),
        (4, "uuid", "string", ""),
        (5, "body", "bytes", ""),
    ),
}


def _message(name: str) -> DescriptorProto:
    message = DescriptorProto(name=name)
    for number, field_name, type_, place in _MESSAGES[name]:
        field = message.field.add(name=field_name, number=number, label=FieldDescriptorProto.LABEL_OPTIONAL)
        if place == "many":
            field.label = FieldDescriptorProto.LABEL_REPEATED
        elif place:
            if not message.oneof_decl:
                message.oneof_decl.add(name=place)
            field.oneof_index = 0
        if type_ in _SCALARS:
            field.type = _SCALARS[type_]
        else:
            field.type, field.type_name = FieldDescriptorProto.TYPE_MESSAGE, f".{_PACKAGE}.{type_}"
    return message


def payload_class() -> Any:
    """The class of `Payload` messages, in a pool of its own: another library may know the same messages."""
    file = FileDescriptorProto(name="lineside/sparkplug.proto", package=_PACKAGE, syntax="proto2")
    file.message_type.extend(_message(name) for name in _MESSAGES)
    pool = DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.Payload"))
