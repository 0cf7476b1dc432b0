"""The simulator does what every driver must do, in the station and in a process of its own."""

import pytest

from hmi.drivers.conformance import CHECKS
from hmi.drivers.conformance.hosted import in_process
from hmi.drivers.registry import available
from plugins.simulator.tests.device import MemoryFile

each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)


@each_check
async def test_it_conforms(tmp_path, check):
    await check(MemoryFile(tmp_path))


@each_check
async def test_it_conforms_in_a_process(tmp_path, check):
    await check(in_process(MemoryFile(tmp_path), available()["simulator"].place))
