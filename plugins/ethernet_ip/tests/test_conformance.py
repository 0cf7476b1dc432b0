"""The plugin passes the suite that every driver must pass, in the station and in a process of its own."""

import pytest

from hmi.drivers.conformance import CHECKS
from hmi.drivers.conformance.hosted import in_process
from hmi.drivers.registry import available

each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)


@each_check
async def test_logix_conforms(device, check):
    await check(device)


@each_check
async def test_logix_conforms_in_a_process(device, check):
    await check(in_process(device, available()["ethernet_ip"].place))
