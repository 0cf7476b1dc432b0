"""It passes the checks of a driver without a device outside, in the station and in a process of its own."""

import pytest

from hmi.drivers.conformance import INWARD_CHECKS
from hmi.drivers.conformance.hosted import in_process
from hmi.drivers.registry import available
from plugins.system.tests.device import ThisComputer

each_check = pytest.mark.parametrize("check", INWARD_CHECKS, ids=lambda check: check.__name__)


@each_check
async def test_it_conforms(check):
    await check(ThisComputer())


@each_check
async def test_it_conforms_in_a_process(check):
    await check(in_process(ThisComputer(), available()["system"].place))
