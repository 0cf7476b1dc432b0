"""Session, alarms, commands, history, directory, documents: what the other stores promise."""

import numpy as np
import pytest

from hmi.core.quality import Status
from hmi.core.rights import Role
from hmi.link.messages import (
    AcknowledgeAlarms,
    Alarms,
    CommandResult,
    Failed,
    FindTags,
    GetStatus,
    History,
    Journal,
    ReadTrend,
    Session,
    SignIn,
    TagPage,
    Write,
)
from hmi.panel.stores import Link, TrendAnswer
from hmi.panel.stores.documents import DisplayName
from tests.helpers_panel.fake_station import UTC, FakeStation, alarm
from tests.helpers_panel.memory import MemoryPanel

LEVEL = "line/tank/level"


@pytest.fixture
def panel() -> MemoryPanel:
    station = FakeStation()
    station.add(LEVEL, 42.0)
    station.add("line/stop", 0.0, to_safe=True, writable=True)
    made = MemoryPanel(station)
    made.open()
    made.settle()
    return made


def known(panel: MemoryPanel, *paths: str) -> None:
    panel.stores.values.bind(paths, lambda changed: None)
    panel.settle()


def sign_in(panel: MemoryPanel) -> None:
    panel.stores.commands.sign_in("anna", "bottle", lambda error: None)
    panel.answer()


# ---- session ----


def test_the_station_introduces_itself(panel: MemoryPanel) -> None:
    session = panel.stores.session
    assert (session.name, session.time_zone, session.live, session.can_view) == (
        "Bottling",
        "Europe/Berlin",
        True,
        True,
    )


def test_station_time_runs_on_between_beats_and_stands_still_when_the_link_does(panel: MemoryPanel) -> None:
    session = panel.stores.session
    before = session.station_utc()
    panel.mono += 700
    assert session.station_utc() == before + 700
    assert session.data_age() == 700
    panel.stores.stale("It stands still.")
    assert session.station_utc() == panel.station.utc
    assert session.since_utc == panel.station.utc
    panel.mono += 300
    assert session.station_utc() == panel.station.utc
    assert session.data_age() == 1_000


def test_a_loss_signs_out_and_staleness_does_not(panel: MemoryPanel) -> None:
    sign_in(panel)
    session = panel.stores.session
    assert (session.user, session.user_role) == ("anna", Role.OPERATOR)
    panel.stores.stale("It stands still.")
    assert session.user == "anna"
    panel.stores.lost("The cable is out.")
    assert (session.user, session.user_role, session.link) == ("", Role.NONE, Link.LOST)


def test_a_role_nobody_knows_is_no_role(panel: MemoryPanel) -> None:
    panel.stores.receive(Session(0, "anna", "emperor"))
    assert panel.stores.session.user_role is Role.NONE


def only_for_users() -> MemoryPanel:
    """A panel of a station that shows values to signed-in users only; anna is signed in."""
    station = FakeStation(may_view=False)
    station.add(LEVEL, 42.0)
    panel = MemoryPanel(station)
    panel.open()
    sign_in(panel)
    known(panel, LEVEL)
    return panel


def test_rights_that_are_taken_away_take_the_values_along() -> None:
    panel = only_for_users()
    assert panel.stores.values.shown(LEVEL).status == 0
    panel.station.user = ""
    panel.stores.receive(Session(0, "", "none", "Your rights have changed."))
    panel.settle()
    session = panel.stores.session
    assert (session.user, session.user_role, session.can_view) == ("", Role.NONE, False)
    assert session.notice == "Your rights have changed."
    assert panel.stores.values.shown(LEVEL).status == int(Status.BAD_NO_COMMUNICATION)
    sign_in(panel)
    panel.settle()
    assert session.notice == ""
    assert panel.stores.values.shown(LEVEL).status == 0


def test_a_demoted_user_keeps_the_values_and_loses_the_role(panel: MemoryPanel) -> None:
    sign_in(panel)
    panel.stores.receive(Session(0, "anna", "viewer", "Your rights have changed."))
    assert (panel.stores.session.user, panel.stores.session.user_role) == ("anna", Role.VIEWER)


def test_a_refused_sign_in_changes_nobody(panel: MemoryPanel) -> None:
    sign_in(panel)
    panel.stores.receive(Session(77, "", "none", "The user name or the password is wrong."))
    assert panel.stores.session.user == "anna"


def test_listeners_hear_changes_but_not_every_beat(panel: MemoryPanel) -> None:
    heard: list[Link] = []
    binding = panel.stores.session.listen(lambda: heard.append(panel.stores.session.link))
    panel.step()
    assert heard == []
    panel.stores.stale("It stands still.")
    panel.step()
    assert heard == [Link.STALE, Link.LIVE]
    binding.close()
    panel.stores.lost("gone")
    assert heard == [Link.STALE, Link.LIVE]


# ---- alarms ----


def test_alarms_are_sorted_by_need(panel: MemoryPanel) -> None:
    rows = [
        alarm("a", priority=1, state="ACKED"),
        alarm("b", priority=3, state="UNACK"),
        alarm("c", priority=2, state="RTNUN"),
        alarm("d", priority=2, state="UNACK", raised=UTC + 5),
    ]
    panel.stores.receive(Alarms(rows, snapshot=True, not_evaluated=7))
    store = panel.stores.alarms
    assert [row.path for row in store.rows()] == ["d", "c", "b", "a"]
    assert store.counts()[2] == (2, 2)
    assert store.counts()[1] == (0, 1)
    assert store.not_evaluated == 7


def test_alarms_change_by_frames_and_leave_when_normal(panel: MemoryPanel) -> None:
    heard: list[int] = []
    panel.stores.alarms.listen(lambda: heard.append(len(panel.stores.alarms.rows())))
    row = alarm("line/a")
    panel.stores.receive(Alarms([row, alarm("line/b", "L")]))
    assert heard == []
    panel.stores.receive(Alarms([alarm("line/b", "L", state="NORM", event=2)]))
    panel.stores.alarms.flush()
    panel.stores.alarms.flush()
    assert heard == [1]
    assert panel.stores.alarms.rows() == (row,)


def test_the_worst_alarm_of_an_area_or_of_some_tags(panel: MemoryPanel) -> None:
    worst, other = alarm("line/a/x", priority=1), alarm("line/ab/x", priority=2)
    panel.stores.receive(Alarms([other, worst], snapshot=True))
    store = panel.stores.alarms
    assert store.highest("line") == worst
    assert store.highest("line/ab") == other
    assert store.highest("line/ab/x") == other
    assert store.highest("line/b") is None
    assert store.highest(["line/ab/x", "line/none"]) == other
    assert store.for_path("line/a/x") == (worst,)


def test_a_new_session_knows_no_alarms_until_the_snapshot(panel: MemoryPanel) -> None:
    panel.stores.receive(Alarms([alarm("a")], snapshot=True))
    assert panel.stores.alarms.known
    panel.stores.lost("gone")
    assert panel.stores.alarms.rows()
    panel.station.may_view = False
    panel.open()
    assert not panel.stores.alarms.known


# ---- commands ----


def test_an_acknowledgement_names_exactly_what_was_seen(panel: MemoryPanel) -> None:
    sign_in(panel)
    seen = alarm("line/a", event=17)
    panel.station.raise_alarm(alarm("line/a", event=18))  # it came again meanwhile
    results: list[CommandResult] = []
    panel.stores.commands.acknowledge([seen], "seen", results.append)
    (sent,) = panel.outbox
    assert isinstance(sent, AcknowledgeAlarms)
    assert (sent.alarms, sent.comment) == ([("line/a/HH", 17)], "seen")
    panel.answer()
    assert results[-1].state == "done"
    assert panel.station.alarms["line/a/HH"].state == "UNACK"


def test_very_many_alarms_are_acknowledged_in_parts(panel: MemoryPanel) -> None:
    sign_in(panel)
    panel.stores.commands.acknowledge([alarm(f"t{n}") for n in range(2_300)], "", lambda result: None)
    sizes = [len(m.alarms) for m in panel.outbox if isinstance(m, AcknowledgeAlarms)]
    assert sizes == [1_000, 1_000, 300]
    assert len({m.command for m in panel.outbox if isinstance(m, AcknowledgeAlarms)}) == 3


def test_without_sign_in_a_command_is_refused_with_the_way_to_sign_in(panel: MemoryPanel) -> None:
    known(panel, LEVEL)
    results: list[CommandResult] = []
    panel.stores.commands.write(LEVEL, 1.0, 42.0, results.append)
    panel.stores.commands.acknowledge([alarm("a")], "", results.append)
    assert [r.state for r in results] == ["refused", "refused"]
    assert all("Sign in" in r.text for r in results)
    assert panel.outbox == []


def test_a_write_is_sent_once_with_what_the_person_saw_and_when(panel: MemoryPanel) -> None:
    known(panel, LEVEL)
    sign_in(panel)
    results: list[CommandResult] = []
    panel.stores.commands.write(LEVEL, 43.0, 42.0, results.append, "trial")
    panel.stores.commands.write(LEVEL, 43.0, 42.0, results.append)
    first, second = panel.outbox
    assert isinstance(first, Write)
    assert isinstance(second, Write)
    assert first.command != second.command
    assert (first.value, first.expected, first.reason) == (43.0, 42.0, "trial")
    assert first.asked_at == panel.stores.session.station_utc()
    panel.answer()
    assert [r.state for r in results] == ["sent", "done", "sent", "done"]


def test_a_command_whose_answer_is_lost_is_unknown_and_never_sent_again(panel: MemoryPanel) -> None:
    known(panel, LEVEL)
    sign_in(panel)
    results: list[CommandResult] = []
    panel.stores.commands.write(LEVEL, 43.0, 42.0, results.append)
    panel.outbox.clear()
    panel.stores.lost("The cable is out.")
    assert [(r.state, r.final) for r in results] == [("unknown", True)]
    panel.open()
    panel.settle()
    assert not any(isinstance(m, Write) for m in panel.station.heard)


@pytest.mark.parametrize(("path", "sent"), [(LEVEL, 0), ("line/stop", 1)])
def test_a_stale_display_refuses_commands_but_never_a_stop(panel: MemoryPanel, path: str, sent: int) -> None:
    known(panel, LEVEL, "line/stop")
    sign_in(panel)
    panel.stores.stale("It stands still.")
    panel.outbox.clear()
    panel.stores.commands.write(path, 1.0, None, lambda result: None)
    assert len(panel.outbox) == sent


def test_an_unproved_station_gets_no_password() -> None:
    panel = MemoryPanel()
    panel.open(proved=False)
    errors: list[str] = []
    panel.stores.commands.sign_in("anna", "bottle", errors.append)
    assert "no password is sent" in errors[0]
    assert not any(isinstance(m, SignIn) for m in panel.outbox)


def test_a_wrong_password_is_a_sentence(panel: MemoryPanel) -> None:
    errors: list[str] = []
    panel.stores.commands.sign_in("anna", "wrong", errors.append)
    panel.answer()
    assert errors == ["The user name or the password is wrong."]
    assert panel.stores.session.user == ""


# ---- history ----


def test_a_trend_is_put_together_from_its_parts(panel: MemoryPanel) -> None:
    answers: list[TrendAnswer] = []
    panel.stores.history.trend(LEVEL, 0, 100, 50, answers.append)
    panel.answer_tags()
    request = next(m for m in panel.outbox if isinstance(m, ReadTrend))
    assert (request.start, request.end, request.columns) == (0, 100, 50)
    for at, done in ((1, False), (2, True)):
        time, value, status = np.array([at], "<i8"), np.array([at / 2], "<f8"), np.array([0], "<u4")
        panel.stores.receive(History(request.request, time.tobytes(), value.tobytes(), status.tobytes(), done=done))
    (answer,) = answers
    assert answer.time.tolist() == [1, 2]
    assert answer.value.tolist() == [0.5, 1.0]
    assert answer.error == ""


def test_a_trend_of_a_tag_that_became_a_text_draws_its_numbers_alone(panel: MemoryPanel) -> None:
    answers: list[TrendAnswer] = []
    panel.stores.history.trend(LEVEL, 0, 100, 50, answers.append)
    panel.answer_tags()
    request = next(m for m in panel.outbox if isinstance(m, ReadTrend))
    time, value, status = np.array([1, 2, 3], "<i8"), np.array([0.0, 1.0, np.nan], "<f8"), np.zeros(3, "<u4")
    text = ["4.5", "batch 7"]
    panel.stores.receive(History(request.request, time.tobytes(), value.tobytes(), status.tobytes(), text))
    (answer,) = answers
    assert np.array_equal(answer.value, [4.5, np.nan, np.nan], equal_nan=True)


def test_a_trend_fails_with_a_sentence(panel: MemoryPanel) -> None:
    answers: list[TrendAnswer] = []
    panel.stores.history.trend("no/such", 0, 1, 1, answers.append)
    panel.answer_tags()
    assert answers[0].error == "The station has no tag no/such."
    panel.stores.history.trend(LEVEL, 0, 1, 1, answers.append)
    panel.stores.lost("gone")
    assert "lost" in answers[1].error
    panel.stores.history.trend("line/x", 0, 1, 1, answers.append)
    assert answers[2].error


def test_a_cancelled_trend_is_silent(panel: MemoryPanel) -> None:
    answers: list[TrendAnswer] = []
    before = panel.stores.history.trend(LEVEL, 0, 100, 50, answers.append)
    before.cancel()
    panel.answer()
    asked = panel.stores.history.trend(LEVEL, 0, 100, 50, answers.append)
    asked.cancel()
    panel.answer()
    assert answers == []


# ---- directory, documents, status, journal ----


def test_the_directory_is_read_by_page(panel: MemoryPanel) -> None:
    pages: list[TagPage | Failed] = []
    panel.stores.directory.find("tank", 0, 200, pages.append)
    assert panel.outbox == [FindTags(panel.outbox[0].request, "tank", 0, 200)]  # type: ignore[attr-defined]  # FindTags has it
    panel.answer()
    (page,) = pages
    assert isinstance(page, TagPage)
    assert [info.path for info in page.tags] == [LEVEL]


def test_displays_come_in_order_and_unknown_ones_say_so(panel: MemoryPanel) -> None:
    panel.station.displays = {"home": ("Home", "", b"{}"), "tank": ("Tank", "home", b"{}")}
    names: list[tuple[DisplayName, ...]] = []
    panel.stores.documents.names(lambda found, error: names.append(found))
    documents: list[tuple[bytes, str]] = []
    panel.stores.documents.get("none", lambda document, error: documents.append((document, error)))
    panel.answer()
    assert names == [(DisplayName("home", "Home", ""), DisplayName("tank", "Tank", "home"))]
    assert documents == [(b"", "The project has no display none.")]


def test_status_is_not_asked_twice_before_the_answer(panel: MemoryPanel) -> None:
    heard: list[bool] = []
    panel.stores.status.listen(lambda: heard.append(panel.stores.status.report is not None))
    panel.stores.status.poll()
    panel.stores.status.poll()
    assert sum(isinstance(m, GetStatus) for m in panel.outbox) == 1
    panel.answer()
    assert heard == [True]
    panel.stores.status.poll()
    panel.stores.lost("gone")
    assert heard == [True, False]
    panel.stores.status.poll()
    assert panel.stores.status.error == "There is no connection to the station."


def test_the_journal_without_a_station_is_a_failure_not_an_empty_page(panel: MemoryPanel) -> None:
    answers: list[Journal | Failed] = []
    panel.stores.lost("gone")
    panel.stores.journal.read(None, "", answers.append)
    assert isinstance(answers[0], Failed)


def test_an_answer_nobody_waits_for_is_dropped(panel: MemoryPanel) -> None:
    panel.stores.receive(Failed(9_999, "no"))
    panel.stores.receive(CommandResult(9_998, "x", "done", "ok"))
