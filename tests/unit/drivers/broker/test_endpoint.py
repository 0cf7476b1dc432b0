"""Where a broker is and how the station signs in."""

import pytest

from hmi.drivers.api import AddressError
from hmi.drivers.broker.endpoint import FIELDS, BrokerOptions, Version, password_of, read_broker
from hmi.drivers.options import read_fields


def parse(endpoint, **options):
    return read_broker(endpoint, read_fields(FIELDS, options))


def test_endpoints():
    assert parse("broker") == BrokerOptions("broker", 1883, False)
    assert parse("mqtt://10.0.0.1:1884").url == "mqtt://10.0.0.1:1884"
    assert parse("mqtts://broker/") == BrokerOptions("broker", 8883, True)
    assert parse("broker", version="3.1.1").version is Version.V311


@pytest.mark.parametrize(
    ("endpoint", "options", "told"),
    [
        ("mqtt://user:secret@broker", {}, "must not hold"),
        ("http://broker", {}, "no MQTT broker"),
        ("mqtt://broker:99999", {}, "no MQTT broker"),
        ("mqtt://broker/topic", {}, "no MQTT broker"),
        ("mqtt://broker", {"ca": "ca.pem"}, "without encryption"),
        ("mqtts://broker", {"certificate": "a.pem"}, "'key'"),
        ("mqtts://broker", {"key": "a.key"}, "'certificate'"),
        ("mqtt://broker", {"keepalive": 1}, "'keepalive'"),
    ],
)
def test_what_is_refused(endpoint, options, told):
    with pytest.raises(AddressError, match=told):
        parse(endpoint, **options)


def test_a_password_goes_with_a_user_only():
    assert password_of(parse("broker", user="u"), {"password": "p"}) == "p"
    assert password_of(parse("broker", user="u"), {}) is None
    assert password_of(parse("broker"), {"password": "p"}) is None
