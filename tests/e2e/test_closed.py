"""A project that shows nothing without sign-in: no value, no alarm, no name of a tag leaves the station before."""

import pytest

from hmi.link.messages import FindTags, GetDisplay, GetDisplays, GetStatus, GetTags, ReadHistory, ReadJournal, Subscribe
from tests.helpers_station.line import PASSWORD, Line

pytestmark = pytest.mark.timeout(180)

TARGET = "plant/overview/line/shift_target"


@pytest.fixture
def closed(line: Line) -> Line:
    """A station without PLCs that shows nothing to strangers."""
    file = line.project / "project.toml"
    text = file.read_text("utf-8")
    assert "view_without_sign_in = true" in text
    file.write_text(text.replace("view_without_sign_in = true", "view_without_sign_in = false"), "utf-8")
    line.start_station()
    return line


def test_nothing_is_shown_before_sign_in(closed: Line) -> None:
    with closed.client() as client:
        assert client.opened().proved
        assert not client.opened().admitted.may_view
        for request in (
            GetStatus(client.number()),
            GetTags(client.number(), [TARGET]),
            FindTags(client.number()),
            GetDisplays(client.number()),
            GetDisplay(client.number(), "overview"),
            ReadHistory(client.number(), 1, 0, 2**62),
            ReadJournal(client.number()),
        ):
            with pytest.raises(AssertionError, match="Sign in to see values"):
                client.ask(request, type(request))
        client.send(Subscribe(1, list(range(500))))
        client.wait(lambda k: len(k.beats) > 3, "beats")
        assert not client.known.values
        assert not client.known.has_alarms

        assert not client.sign_in("viewer", PASSWORD).error
        client.subscribe(TARGET)
        assert client.until(TARGET, lambda v: v.is_good).value == 180_000.0
        client.alarms()


def test_disabled_user_loses_the_rights_at_once(closed: Line) -> None:
    with closed.client("operator") as client:
        client.subscribe(TARGET)
        client.until(TARGET, lambda v: v.is_good)
        closed.said("user", "--project", closed.project, "--data", closed.data, "disable", "operator")
        command = client.write(TARGET, 170_000.0, expected=180_000.0)
        assert client.result(command).state == "refused"
        with pytest.raises(AssertionError, match="Sign in to see values"):
            client.status()
        assert client.value(TARGET) is not None
        assert client.known.values[client.tag(TARGET).tag].value == 180_000.0


def test_password_set_meanwhile_counts_at_once(closed: Line) -> None:
    from hmi.station.users import Users
    from tests.helpers_station.line import ROLES

    Users(closed.data, ROLES).set_password("viewer", "another-one-12")
    with closed.client() as client:
        assert client.sign_in("viewer", PASSWORD).error
        assert client.sign_in("viewer", "another-one-12").role == "viewer"
