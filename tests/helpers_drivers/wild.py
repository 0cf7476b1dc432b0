"""A driver that hangs, crashes and exits on demand, as a plugin folder: what a process of its own is for."""

from pathlib import Path

from hmi.drivers.plugin.place import Place, in_folder

DRIVER = """
import asyncio, os, sys, time
from hmi.core.batch import batch_of
from hmi.core.quality import Status
from hmi.drivers.api import API_VERSION, LinkState, Sample, WriteOutcome, WriteResult


class Wild:
    name = "wild"
    api_version = API_VERSION

    def parse_address(self, text, type_):
        return text

    def parse_options(self, endpoint, options):
        return dict(options)

    def connect(self, spec, sink, clock):
        if "hang" in spec.endpoint:
            time.sleep(600)
        if "exit" in spec.endpoint:
            sys.exit("no licence")
        if "die" in spec.endpoint:
            os._exit(7)
        return WildConnection(spec, sink, clock)


class WildConnection:
    def __init__(self, spec, sink, clock):
        self.spec, self.sink, self.clock = spec, sink, clock

    async def run(self):
        self.sink.state(LinkState.CONNECTING, "c")
        self.sink.state(LinkState.UP, "up")
        now = self.clock.now()
        tags = [point.tag for point in self.spec.points]
        n = len(tags)
        self.sink.deliver(batch_of(tags, [now.utc] * n, [now.mono] * n, [float(os.getpid())] * n, [0] * n))
        if "fail" in self.spec.endpoint:
            raise ZeroDivisionError("firmware")
        await asyncio.Event().wait()

    async def read(self, points):
        return [Sample(float(len(self.spec.secrets)), 0, self.clock.now().utc) for _ in points]

    async def write(self, point, value):
        if value == 1:
            os._exit(9)
        if value == 2:
            time.sleep(600)
        if value == 3:
            raise OSError("half sent")
        return WriteResult(WriteOutcome.DONE, Status.GOOD)


DRIVER = Wild()
"""

MANIFEST = """
name = "wild"
title = "Wild"
version = "1"
api = 1
driver = "driver:DRIVER"
description = "Does what it must not."
licence = "Apache-2.0"
"""


def plugin(folder: Path, name: str = "wild", code: str = DRIVER, manifest: str = MANIFEST) -> Path:
    """Writes the plugin below a folder of plugins."""
    place = folder / name
    place.mkdir(parents=True)
    place.chmod(0o700)
    folder.chmod(0o700)
    for file, text in {
        "__init__.py": '"""Wild."""\n',
        "driver.py": code,
        "plugin.toml": manifest.replace('"wild"', f'"{name}"'),
    }.items():
        (place / file).write_text(text, encoding="utf-8")
        (place / file).chmod(0o600)
    return place


def place_of(folder: Path) -> Place:
    return in_folder(folder.name, "driver:DRIVER", folder)
