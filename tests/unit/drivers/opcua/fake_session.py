"""A session whose answers a test gives."""

from __future__ import annotations

from asyncua import ua

from hmi.drivers.opcua.limits import Limits


class FakeSession:
    """Answers requests from functions by their kind, and remembers what was asked."""

    def __init__(self) -> None:
        self.indexes = {"urn:plant": 2}
        self.limits = Limits()
        self.is_open = True
        self.asked = []
        self.answers = {}
        self.values = {}
        """`ua.DataValue` by (identifier, attribute, index range)."""

    async def call(self, request, _response, _patience=None):
        self.asked.append(request)
        return self.answers[type(request)](request)

    async def read(self, nodes, attribute):
        return [self.value(node.Identifier, attribute, None) for node in nodes]

    async def read_all(self, wanted):
        return [self.value(one.NodeId.Identifier, one.AttributeId, one.IndexRange) for one in wanted]

    def value(self, identifier, attribute, index):
        missing = ua.DataValue(StatusCode=ua.StatusCode(ua.StatusCodes.BadNodeIdUnknown))
        return self.values.get((identifier, attribute, index), missing)

    async def follow(self, *_arguments):
        return []
