"""Whether those who publish values are there, as far as they tell: by a birth message and a last will."""

from __future__ import annotations

from enum import Enum

from hmi.core.tag import TagType

from .address import MqttAddress, Place
from .jsonpath import find
from .payload import NoJsonError, document, plain, read


class Presence(Enum):
    """What is known of a publisher."""

    UNKNOWN = "unknown"
    ONLINE = "online"
    OFFLINE = "offline"


class Publisher:
    """One publisher's presence in the present session."""

    def __init__(self, place: Place, online: str) -> None:
        self.place = place
        self.presence = Presence.UNKNOWN
        self._online = online

    def take(self, payload: bytes) -> bool:
        """Takes a message of the status topic; True when it ends the presence."""
        before = self.presence
        self.presence = Presence.ONLINE if self._said(payload) == self._online else Presence.OFFLINE
        return self.presence is Presence.OFFLINE and before is not Presence.OFFLINE

    def _said(self, payload: bytes) -> str:
        path = self.place.path
        try:
            content = plain(payload) if path is None else find(document(payload), path)
        except NoJsonError:
            return ""
        return str(read(content, TagType.STRING, MqttAddress(self.place))[0]).strip()
