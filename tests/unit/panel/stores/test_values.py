"""Values are live only while the link is, and come back only with a new snapshot."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.batch import Batch
from hmi.core.quality import Status
from hmi.link.codec import WireError
from hmi.link.messages import GetTags, Subscribe, Unsubscribe, Values
from tests.helpers_panel.fake_station import FakeStation
from tests.helpers_panel.memory import MemoryPanel

LEVEL, TEMPERATURE = "line/tank/level", "line/tank/temperature"
NO_COMMUNICATION, WAITING = int(Status.BAD_NO_COMMUNICATION), int(Status.BAD_WAITING_FOR_INITIAL_DATA)


def a_station() -> FakeStation:
    station = FakeStation()
    station.add(LEVEL, 42.0, unit="%")
    station.add(TEMPERATURE, 72.5, int(Status.UNCERTAIN_SENSOR_CALIBRATION))
    return station


@pytest.fixture
def panel() -> MemoryPanel:
    return MemoryPanel(a_station())


def told(panel: MemoryPanel, *paths: str) -> list[frozenset[str]]:
    notices: list[frozenset[str]] = []
    panel.stores.values.bind(paths, notices.append)
    return notices


def test_nothing_is_known_before_the_station_speaks(panel: MemoryPanel) -> None:
    notices = told(panel, LEVEL)
    shown = panel.stores.values.shown(LEVEL)
    assert (shown.value, shown.status, shown.info, shown.unknown) == (None, NO_COMMUNICATION, None, False)
    assert panel.outbox == []
    assert notices == []


def test_a_bound_path_is_resolved_and_subscribed_and_shown(panel: MemoryPanel) -> None:
    panel.open()
    notices = told(panel, LEVEL, TEMPERATURE)
    assert panel.stores.values.shown(LEVEL).status == WAITING
    panel.settle()
    shown = panel.stores.values.shown(TEMPERATURE)
    assert (shown.value, shown.status) == (72.5, Status.UNCERTAIN_SENSOR_CALIBRATION)
    level = panel.stores.values.shown(LEVEL)
    assert level.info is not None
    assert level.info.unit == "%"
    assert notices
    notices.clear()
    panel.station.set(LEVEL, 43.0)
    panel.step()
    assert notices == [frozenset({LEVEL})]


def test_a_text_value_is_a_text(panel: MemoryPanel) -> None:
    panel.station.add("line/recipe", "Lemonade", type="string")
    panel.open()
    told(panel, "line/recipe", LEVEL)
    panel.settle()
    assert panel.stores.values.shown("line/recipe").value == "Lemonade"
    assert panel.stores.values.shown(LEVEL).value == 42.0


def test_listeners_are_told_once_a_frame(panel: MemoryPanel) -> None:
    panel.open()
    notices = told(panel, LEVEL)
    panel.settle()
    notices.clear()
    frame = [*panel.station.frame()]
    panel.station.set(LEVEL, 1.0)
    frame = [m for m in panel.station.frame() if isinstance(m, Values)]
    for message in (*frame, *frame):
        panel.stores.receive(message)
    assert notices == []
    panel.step()
    assert notices == [frozenset({LEVEL})]


def test_an_unknown_path_says_so(panel: MemoryPanel) -> None:
    panel.open()
    notices = told(panel, "no/such/tag", LEVEL)
    panel.settle()
    assert panel.stores.values.shown("no/such/tag").unknown
    assert panel.stores.values.shown(LEVEL).value == 42.0
    assert any("no/such/tag" in paths for paths in notices)


def test_a_stale_link_turns_every_value_at_once(panel: MemoryPanel) -> None:
    panel.open()
    notices = told(panel, LEVEL, TEMPERATURE)
    panel.settle()
    notices.clear()
    panel.stores.stale("It stands still.")
    assert notices == [frozenset({LEVEL, TEMPERATURE})]
    for path in (LEVEL, TEMPERATURE):
        assert panel.stores.values.shown(path).status == NO_COMMUNICATION


def test_what_still_arrives_of_the_old_subscription_is_dropped(panel: MemoryPanel) -> None:
    panel.open()
    told(panel, LEVEL)
    panel.settle()
    panel.stores.stale("It stands still.")
    panel.station.set(LEVEL, 99.0)
    late = [m for m in panel.station.frame() if isinstance(m, Values)]
    assert late
    for message in late:
        panel.stores.receive(message)
    panel.stores.values.flush()
    shown = panel.stores.values.shown(LEVEL)
    assert (shown.value, shown.status) == (42.0, NO_COMMUNICATION)


def test_a_value_comes_back_with_the_snapshot_of_a_new_subscription(panel: MemoryPanel) -> None:
    panel.open()
    told(panel, LEVEL)
    panel.settle()
    first = next(m for m in panel.station.heard if isinstance(m, Subscribe))
    panel.stores.stale("It stands still.")
    panel.station.set(LEVEL, 99.0)
    panel.station.heard.clear()
    panel.step()
    assert panel.stores.values.shown(LEVEL).status == NO_COMMUNICATION
    second = next(m for m in panel.station.heard if isinstance(m, Subscribe))
    assert second.subscription != first.subscription
    assert Unsubscribe(first.subscription) in panel.station.heard
    panel.step()
    shown = panel.stores.values.shown(LEVEL)
    assert (shown.value, shown.status) == (99.0, 0)


def test_nothing_is_subscribed_while_the_link_is_stale(panel: MemoryPanel) -> None:
    panel.open()
    panel.settle()
    panel.stores.stale("It stands still.")
    told(panel, LEVEL)
    assert panel.outbox == []
    assert panel.stores.values.shown(LEVEL).status == NO_COMMUNICATION
    panel.step()
    panel.step()
    assert panel.stores.values.shown(LEVEL).value == 42.0


def test_a_new_session_asks_anew_what_paths_mean(panel: MemoryPanel) -> None:
    panel.open()
    told(panel, LEVEL)
    panel.settle()
    panel.stores.lost("The cable is out.")
    assert panel.stores.values.shown(LEVEL).status == NO_COMMUNICATION
    panel.outbox.clear()
    panel.station.tags = {}
    panel.station.add(TEMPERATURE, 20.0)  # the ids have changed: what was tag 1 is another tag now
    panel.station.add(LEVEL, 50.0)
    panel.open()
    panel.settle()
    shown = panel.stores.values.shown(LEVEL)
    assert (shown.value, shown.status) == (50.0, 0)


def test_a_closed_binding_is_silent_and_unsubscribes(panel: MemoryPanel) -> None:
    panel.open()
    notices: list[frozenset[str]] = []
    binding = panel.stores.values.bind([LEVEL], notices.append)
    panel.settle()
    notices.clear()
    binding.close()
    binding.close()
    panel.step()
    assert panel.station.subscriptions == {}
    panel.station.set(LEVEL, 1.0)
    panel.step()
    assert notices == []
    assert panel.stores.values.shown(LEVEL).value is None


def test_a_binding_closed_before_its_paths_were_resolved_never_subscribes(panel: MemoryPanel) -> None:
    panel.open()
    binding = panel.stores.values.bind([LEVEL], lambda changed: None)
    assert any(isinstance(m, GetTags) for m in panel.outbox)
    binding.close()
    panel.settle()
    assert panel.station.subscriptions == {}


def test_two_bindings_share_a_path(panel: MemoryPanel) -> None:
    panel.open()
    first = panel.stores.values.bind([LEVEL], lambda changed: None)
    notices = told(panel, LEVEL)
    panel.settle()
    first.close()
    notices.clear()
    panel.station.set(LEVEL, 1.0)
    panel.step()
    assert notices == [frozenset({LEVEL})]


def test_a_listener_may_bind_and_close_while_it_is_told(panel: MemoryPanel) -> None:
    panel.open()
    made = []

    def told_first(changed: frozenset[str]) -> None:
        made.append(panel.stores.values.bind([TEMPERATURE], lambda changed: None))
        binding.close()

    binding = panel.stores.values.bind([LEVEL], told_first)
    panel.settle()
    assert len(made) == 1
    assert panel.stores.values.shown(TEMPERATURE).value == 72.5


def test_many_paths_are_asked_in_parts(panel: MemoryPanel) -> None:
    paths = [panel.station.add(f"area/tag{n}", float(n)).path for n in range(450)]
    panel.open()
    told(panel, *paths)
    panel.settle()
    assert [len(m.paths) for m in panel.station.heard if isinstance(m, GetTags)] == [200, 200, 50]
    assert panel.stores.values.shown("area/tag449").value == 449.0


def test_without_sign_in_values_wait_for_it_and_go_with_it(panel: MemoryPanel) -> None:
    panel.station.may_view = False
    panel.open()
    told(panel, LEVEL)
    panel.settle()
    assert panel.stores.values.shown(LEVEL).value is None
    answers: list[str] = []
    panel.stores.commands.sign_in("anna", "bottle", answers.append)
    panel.settle()
    assert answers == [""]
    assert panel.stores.values.shown(LEVEL).status == 0
    panel.stores.commands.sign_out(answers.append)
    panel.answer()
    assert panel.stores.values.shown(LEVEL).status == NO_COMMUNICATION


def test_samples_come_complete_and_the_first_after_a_gap_says_so(panel: MemoryPanel) -> None:
    panel.open()
    got: list[tuple[str, list[float], bool]] = []

    def take(path: str, batch: Batch, lost: bool) -> None:
        got.append((path, batch.value.tolist(), lost))

    panel.stores.values.bind_samples([LEVEL], take)
    panel.settle()
    assert got == [(LEVEL, [42.0], False)]
    panel.stores.stale("It stands still.")
    panel.settle()
    assert got[1:] == [(LEVEL, [42.0], True)]
    panel.station.set(LEVEL, 43.0)
    panel.step()
    assert got[2:] == [(LEVEL, [43.0], False)]


def test_samples_of_a_text_are_no_numbers(panel: MemoryPanel) -> None:
    panel.open()
    got: list[list[float]] = []
    panel.stores.values.bind_samples([LEVEL], lambda _path, batch, _lost: got.append(batch.value.tolist()))
    panel.settle()
    panel.station.set(LEVEL, "batch 7")
    panel.step()
    assert np.isnan(got[-1]).all()


def test_columns_that_do_not_fit_are_a_wire_error(panel: MemoryPanel) -> None:
    panel.open()
    told(panel, LEVEL)
    panel.settle()
    (number,) = panel.station.subscriptions
    with pytest.raises(WireError):
        panel.stores.receive(Values(number, b"\x01\x00\x00\x00", b"", b"", b""))


EVENTS = st.lists(
    st.sampled_from(["stale", "lost", "open", "step", "still", "bind", "close", "late", "set"]), max_size=30
)


@settings(max_examples=120)
@given(EVENTS)
def test_no_value_is_ever_shown_as_good_unless_the_link_is_live(events: list[str]) -> None:
    panel = MemoryPanel(a_station())
    bindings = [panel.stores.values.bind([LEVEL], lambda changed: None)]
    rng = np.random.default_rng(len(events))
    for event in events:
        match event:
            case "stale" if panel.stores.session.name:
                panel.stores.stale("It stands still.")
            case "lost":
                panel.stores.lost("The cable is out.")
                panel.outbox.clear()
            case "open":
                panel.stores.lost("Again.")
                panel.outbox.clear()
                panel.open()
            case "step" if panel.stores.session.link not in ("lost", "connecting"):
                panel.step()
            case "late":
                panel.stores.receive(Values(int(rng.integers(1, 9)), *_one_row()))
            case "bind":
                bindings.append(panel.stores.values.bind([TEMPERATURE, LEVEL], lambda changed: None))
            case "close" if len(bindings) > 1:
                bindings.pop().close()
            case "set":
                panel.station.set(LEVEL, float(rng.integers(100)))
        if not panel.stores.session.live:
            assert panel.stores.values.shown(LEVEL).status == NO_COMMUNICATION


def _one_row() -> tuple[bytes, bytes, bytes, bytes]:
    return (
        np.array([1], "<i4").tobytes(),
        np.array([5], "<i8").tobytes(),
        np.array([7.0], "<f8").tobytes(),
        np.array([0], "<u4").tobytes(),
    )
