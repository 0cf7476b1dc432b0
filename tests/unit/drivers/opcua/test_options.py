"""Endpoints and options of OPC UA connections."""

import pytest

from hmi.drivers.api import AddressError
from hmi.drivers.opcua.options import FIELDS, Identity, Mode, Security, TimePolicy, parse_options

URL = "opc.tcp://plc:4840"


def test_defaults():
    options = parse_options(URL, {"security": "None"})
    assert (options.url, options.publishing, options.time) == (URL, 0.1, TimePolicy.DEVICE)
    assert parse_options(URL, {"time": "receive", "publishing": 0.05}).time is TimePolicy.RECEIVE
    assert (options.security, options.identity) == (Security.NONE, Identity.ANONYMOUS)


def test_every_default_of_the_form_is_an_option_that_is_taken():
    given = {field.name: field.default for field in FIELDS if not field.secret}
    assert parse_options(URL, given) == parse_options(URL, {})


def test_a_secured_channel():
    options = parse_options(
        URL, {"security": "Aes256_Sha256_RsaPss", "mode": "Sign", "identity": "password", "user": "ann"}
    )
    assert (options.security, options.mode) == (Security.AES256_SHA256_RSA_PSS, Mode.SIGN)
    assert (options.identity, options.user) == (Identity.PASSWORD, "ann")


@pytest.mark.parametrize("url", ["", "plc", "http://plc:4840", "opc.tcp://plc", "opc.tcp://:4840", "opc.tcp://plc:x"])
def test_wrong_endpoints(url):
    with pytest.raises(AddressError, match="Example"):
        parse_options(url, {})


def test_passwords_do_not_belong_into_a_project():
    with pytest.raises(AddressError, match="data folder") as refusal:
        parse_options("opc.tcp://me:secret@plc:4840", {})
    assert "secret" not in str(refusal.value)
    with pytest.raises(AddressError, match="hmi secret set") as refusal:
        parse_options(URL, {"password": "hidden-word"})
    assert "hidden-word" not in str(refusal.value)


def test_a_password_crosses_the_network_in_the_clear_only_where_that_was_said():
    ann = {"identity": "password", "user": "ann"}
    with pytest.raises(AddressError, match="in the clear"):
        parse_options(URL, ann)
    assert parse_options(URL, {**ann, "plain_password": True}).user == "ann"


@pytest.mark.parametrize(
    "options",
    [
        {"security": "Basic256"},
        {"user": "operator"},
        {"identity": "password"},
        {"identity": "certificate"},
        {"publishing": 5},
        {"keepalive": 1},
        {"history": "yes"},
        {"queue": 1.5},
    ],
)
def test_what_is_not_supported_is_said(options):
    with pytest.raises(AddressError):
        parse_options(URL, options)
