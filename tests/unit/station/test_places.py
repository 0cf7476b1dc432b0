import pytest

from hmi.station.places import listening_file, url_for


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "ws://127.0.0.1:8470"),
        ("0.0.0.0", "ws://127.0.0.1:8470"),  # noqa: S104 - an address to be replaced
        ("::", "ws://[::1]:8470"),
        ("line1", "ws://line1:8470"),
    ],
)
def test_a_station_is_reached_under_an_address_that_can_be_connected_to(host: str, url: str) -> None:
    assert url_for(host, 8470) == url


def test_the_note_is_found_by_every_name_of_this_pc() -> None:
    note = listening_file("ws://127.0.0.1:8470")
    assert listening_file("ws://localhost:8470/link") == note
    assert listening_file("ws://LOCALHOST:8470") == note
    assert listening_file("ws://localhost.example:8470") != note
