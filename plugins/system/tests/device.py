"""A computer whose counters the test sets, and this very one as conformance sees it."""

import threading
from collections import Counter
from dataclasses import dataclass, field

from hmi.drivers.conformance import Sites
from plugins.system.counters import Cpu, Traffic
from plugins.system.driver import DRIVER

GB = 1e9


@dataclass
class SoftCounters:
    """See `plugins.system.counters.Counters`."""

    busy: list[Cpu] = field(default_factory=lambda: [Cpu(0.0, 0.0), Cpu(0.0, 0.0)])
    interfaces: dict[str, Traffic] = field(default_factory=lambda: {"eth0": Traffic(0, 0, 0)})
    free: threading.Event = field(default_factory=threading.Event)
    """Not set: the disk keeps whoever looks at it waiting."""
    looks: Counter[str] = field(default_factory=Counter)
    """How often each was asked; of a disk the folder."""

    def __post_init__(self):
        self.free.set()

    def cores(self):
        self.looks["cores"] += 1
        return list(self.busy)

    def load(self):
        self.looks["load"] += 1
        return (0.5, 1.5, 2.5)

    def memory(self):
        self.looks["memory"] += 1
        return {"percent": 25.0, "used": 2 * GB, "available": 6 * GB, "total": 8 * GB}

    def swap(self):
        self.looks["swap"] += 1
        return {"percent": 0.0, "used": 0.0, "total": GB}

    def disk(self, folder):
        self.looks[folder] += 1
        self.free.wait(30)
        if folder == "/nowhere":
            raise FileNotFoundError(folder)
        return {"percent": 40.0, "free": 6 * GB, "used": 4 * GB, "total": 10 * GB}

    def traffic(self):
        self.looks["traffic"] += 1
        return dict(self.interfaces)

    def uptime(self, utc):
        return utc - 100.0

    def processes(self):
        return 42


class ThisComputer:
    """Conformance's view of it: nothing can be done to it."""

    driver = DRIVER
    endpoint = "local"
    sites = Sites(
        number="memory:percent",
        text="",
        missing="net:no-such-interface:received",
        wrong=(
            "",
            "cpu:x",
            "memory:free",
            "disk",
            "disk:",
            "net:",
            "ping:",
            "ping:a:b",
            "ping:a:0",
            "ping:a:99999",
            "fan",
        ),
        wrong_options=({"timeout": 0}, {"timeout": "1"}, {"timeuot": 1}),
    )

    async def start(self):
        """It runs."""

    async def kill(self):
        raise AssertionError

    async def put(self, address, value):
        raise AssertionError

    async def writes(self, address):
        raise AssertionError

    async def garble(self):
        raise AssertionError
