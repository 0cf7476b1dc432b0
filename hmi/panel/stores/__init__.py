"""Stores: the panel's only knowledge of the plant. Plain Python; widgets bind to them, never to a socket."""

from hmi.panel.stores.binding import Binding
from hmi.panel.stores.history import TrendAnswer
from hmi.panel.stores.session import Link
from hmi.panel.stores.stores import Stores
from hmi.panel.stores.values import Shown

__all__ = ["Binding", "Link", "Shown", "Stores", "TrendAnswer"]
