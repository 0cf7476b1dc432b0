"""Endpoints and options of OPC UA connections."""

import pytest

from hmi.drivers.api import AddressError
from hmi.drivers.opcua.options import TimePolicy, parse_options

URL = "opc.tcp://plc:4840"


def test_defaults():
    options = parse_options(URL, {"security": "None"})
    assert (options.url, options.publishing, options.time) == (URL, 0.1, TimePolicy.DEVICE)
    assert parse_options(URL, {"time": "receive", "publishing": 0.05}).time is TimePolicy.RECEIVE


@pytest.mark.parametrize("url", ["", "plc", "http://plc:4840", "opc.tcp://plc", "opc.tcp://:4840", "opc.tcp://plc:x"])
def test_wrong_endpoints(url):
    with pytest.raises(AddressError, match="Example"):
        parse_options(url, {})


def test_passwords_do_not_belong_into_a_project():
    with pytest.raises(AddressError, match="data folder") as refusal:
        parse_options("opc.tcp://me:secret@plc:4840", {})
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "options", [{"security": "Basic256"}, {"user": "operator"}, {"publishing": 5}, {"keepalive": 1}]
)
def test_what_is_not_supported_is_said(options):
    with pytest.raises(AddressError):
        parse_options(URL, options)
