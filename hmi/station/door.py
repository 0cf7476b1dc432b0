"""The door between the link and the services: there before the services, which need the link to tell clients things."""

from __future__ import annotations

from hmi.link.messages import ClientMessage
from hmi.station.requests import Requests
from hmi.station.sessions import Client


class Door:
    """Hands on what clients ask."""

    def __init__(self) -> None:
        self._requests: Requests | None = None

    def open(self, requests: Requests) -> None:
        """From now on clients are answered."""
        self._requests = requests

    async def handle(self, client: Client, request: ClientMessage) -> None:
        """See `Requests`."""
        await self._served.handle(client, request)

    def refresh_role(self, client: Client) -> None:
        """See `Requests`."""
        self._served.refresh_role(client)

    @property
    def _served(self) -> Requests:
        if self._requests is None:
            raise AssertionError("the station listens before it is built")
        return self._requests
