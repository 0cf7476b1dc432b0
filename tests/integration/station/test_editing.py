"""Editing a running station over its link, with real files: what runs, what is written, what is left alone."""

import json
import uuid
from pathlib import Path

import pytest

from hmi.core.quality import Status
from hmi.historian.catalogue import Catalogue
from hmi.historian.event_reader import EventReader, Query
from hmi.link.messages import EditProject, GetTags, ProjectChanged, TagPage, Uses, WhereUsed
from tests.helpers_station.editing import Engineer, Site, computed, memory

HIGH = {"id": "H", "kind": "H", "limit": 4.0, "message": "Too high"}
DISPLAY = {"schema": 1, "name": "overview", "title": "Line", "level": 1, "size": [100, 100]}


def picture(*paths: str) -> str:
    elements = [{"kind": "value", "id": p, "x": 0, "y": 0, "w": 1, "h": 1, "path": p} for p in paths]
    return json.dumps({**DISPLAY, "elements": elements}, indent=2)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    derived = computed("b", "line/twice", "{line/level} * 2")
    tags = memory("a", "line/level", alarms=[HIGH]), derived, memory("c", "line/other")
    return Site(tmp_path).make(*tags, **{"displays/overview.json": picture("line/level")})


async def test_a_limit_changes_while_the_station_runs(site: Site) -> None:
    def work(eva: Engineer) -> None:
        client = eva.client
        client.subscribe("line/level", "line/other")
        raised = client.wait(lambda k: k.alarms, "the alarm")
        answer = eva.edit(eva.changed("line/level", alarms=[{**HIGH, "limit": 9.0}]), comment="as agreed")
        assert answer.changes == ["tag line/level: alarms.H.limit 4.0 -> 9.0"]
        client.wait(lambda k: next(iter(k.alarms.values())).state == "RTNUN", "its return")
        assert list(client.known.alarms) == list(raised)
        told = client.wait(lambda k: [m for m in k.messages if isinstance(m, ProjectChanged)], "the news")
        assert told[-1].revision == answer.revision == client.status().revision
        assert told[-1].tags == [client.tag("line/level").tag]
        assert client.ask(GetTags(client.number(), ["line/level"]), TagPage).tags[0].limits == {"H": 9.0}

    async with site.running():
        await site.do(work)
    assert site.read_tags()[0]["alarms"][0]["limit"] == 9.0
    acts = audit(site)
    [before, after] = [a for a in acts if a.action == "configure"]
    assert (before.user, before.object, before.result) == ("eva", "tag line/level", "requested")
    assert before.station.endswith("at test-pc")
    assert "4.0" in before.old
    assert "9.0" in before.new
    assert (after.result, after.reason) == ("done: tag line/level: alarms.H.limit 4.0 -> 9.0", "as agreed")


async def test_a_rename_keeps_values_history_and_readers(site: Site) -> None:
    def work(eva: Engineer) -> tuple[int, int]:
        client = eva.client
        client.subscribe("line/level", "line/twice")
        client.until("line/twice", lambda v: v.value == 10.0)
        before = client.tag("line/level").tag
        dry = eva.send(eva.changed("line/level", path="tank/level"), dry=True)
        assert not dry.applied
        assert len(dry.changes) == 3
        eva.edit(eva.changed("line/level", path="tank/level"))
        after = client.tag("tank/level").tag
        assert client.ask(WhereUsed(client.number(), ["tank/level"]), Uses).uses == [
            ("tank/level", "display overview", "element line/level"),
            ("tank/level", "tag line/twice", "source.expression"),
        ]
        assert list(client.alarms()) == ["tank/level/H"]
        return before, after

    async with site.running():
        before, after = await site.do(work)
    assert before == after
    assert '"tank/level"' in (site.project / "displays" / "overview.json").read_text()
    with Catalogue(site.data / "history", readonly=True) as catalogue:
        names = catalogue.rows("SELECT path FROM path WHERE id = :id ORDER BY rowid", {"id": after})
        assert [name for (name,) in names] == ["line/level", "tank/level"]


async def test_new_tags_and_tags_that_go(site: Site) -> None:
    def work(eva: Engineer) -> None:
        client = eva.client
        client.subscribe("line/level", "line/other", samples=True)
        other = client.tag("line/other").tag
        refused = eva.send(eva.deleted("line/level"))
        assert not refused.applied
        assert [flaw.what for flaw in refused.flaws] == [
            "line/level is used by display overview (element line/level)",
            "line/level is used by tag line/twice (source.expression)",
        ]
        new = eva.put("tag", "n", computed("n", "line/new", "{line/level} + 1"))
        eva.edit(new, eva.deleted("line/other"))
        client.wait(
            lambda k: [v for t, v in k.samples if t == other and v.status == int(Status.BAD_NODE_ID_UNKNOWN)],
            "the end of a tag that is gone",
        )
        assert "line/other" not in {info.path for info in client.find("line")}
        client.subscribe("line/new", number=2)
        client.until("line/new", lambda v: v.value == 6.0)
        back = eva.put("tag", "c", memory("c", "line/other"))
        eva.edit(back)
        assert client.ask(GetTags(client.number(), ["line/other"]), TagPage).tags[0].tag == other

    async with site.running():
        await site.do(work)
    assert [tag["uid"] for tag in site.read_tags()] == ["a", "b", "n", "c"]


async def test_two_engineers_cannot_overwrite_each_other(site: Site) -> None:
    def eva_first(eva: Engineer) -> None:
        with site.session("max") as max_:
            mine, his = eva.changed("line/level", unit="bar"), max_.changed("line/level", unit="mbar")
            also_his = max_.changed("line/other", unit="mm")
            eva.edit(mine)
            late = max_.send(his)
            assert not late.applied
            assert late.error.startswith("Somebody else has changed tag line/level")
            assert json.loads(late.records[0].document)["unit"] == "bar"
            max_.edit(also_his)  # another tag does not collide
            max_.edit(max_.put("tag", "a", {**site.read_tags()[0], "unit": "mbar"}, late.records[0].digest))

    async with site.running():
        await site.do(eva_first)
    assert [tag.get("unit") for tag in site.read_tags()] == ["mbar", None, "mm"]


async def test_who_may_not_edit_and_what_was_edited_already(site: Site) -> None:
    def operator(otto: Engineer) -> None:
        edit = otto.put("tag", "z", memory("z", "line/z"))
        assert otto.send(edit).error == "Sign in as an engineer to change the project."

    def engineer(eva: Engineer) -> None:
        command = str(uuid.uuid4())
        assert eva.send(eva.put("tag", "z", memory("z", "line/z")), command=command).applied
        again = eva.send(eva.deleted("line/z"), command=command)
        assert again.error == "This edit was already carried out, or its id is none."

    async with site.running():
        await site.do(operator, "otto")
        await site.do(engineer)
    assert [tag["uid"] for tag in site.read_tags()] == ["a", "b", "c", "z"]
    assert [a.result for a in audit(site) if a.user == "otto" and a.action == "configure"] == [
        "refused: Sign in as an engineer to change the project."
    ]


async def test_many_edits_come_in_parts_and_are_made_at_once(site: Site) -> None:
    def work(eva: Engineer) -> None:
        client = eva.client
        edits = [eva.put("tag", f"m{n}", memory(f"m{n}", f"many/{n}", description="x" * 200)) for n in range(3000)]
        number, command = client.number(), str(uuid.uuid4())
        for at in range(0, len(edits), 500):
            client.send(EditProject(number, command, edits[at : at + 500], more=at + 500 < len(edits)))
        answers = client.wait(
            lambda k: [m for m in k.messages if getattr(m, "request", 0) == number and m.done], "it", 30
        )  # type: ignore[attr-defined]
        assert answers[-1].applied
        assert client.status().tags == 3000 + 3 + 3
        assert len(client.find("many")) == 3000

    async with site.running():
        await site.do(work)
    assert len(site.read_tags("many")) == 3000


async def test_an_alarm_that_goes_with_its_tag_is_closed_in_the_journal(site: Site) -> None:
    def work(eva: Engineer) -> None:
        client = eva.client
        client.wait(lambda k: k.alarms, "the alarm")
        eva.edit(eva.changed("line/level", alarms=None))
        client.wait(lambda k: k.has_alarms and not k.alarms, "its end")

    async with site.running():
        await site.do(work)
    reader = EventReader(site.data / "history")
    try:
        lines = reader.alarms(Query(limit=10)).lines
    finally:
        reader.close()
    assert (lines[0].path, lines[0].transition.what.value) == ("line/level", "remove")


async def test_an_edit_the_disk_does_not_take_changes_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from hmi.station.editing import saving

    def work(eva: Engineer) -> None:
        revision = eva.client.status().revision
        edit = eva.changed("line/level", unit="bar")
        with monkeypatch.context() as patched:

            def full(*_: object) -> None:
                raise OSError(28, "No space left on device")

            patched.setattr(saving, "write", full)
            answer = eva.send(edit)
        assert not answer.applied
        assert "No space left on device" in answer.error
        assert eva.client.status().revision == revision
        eva.edit(edit)

    async with site.running():
        await site.do(work)
    assert site.read_tags()[0]["unit"] == "bar"


async def test_an_edit_the_engine_does_not_take_is_taken_back(
    site: Site, monkeypatch: pytest.MonkeyPatch, expect_log
) -> None:
    from hmi.core.engine import Engine

    expect_log("edit not taken over", "an engineer must hear of it")

    def work(eva: Engineer) -> None:
        edit = eva.changed("line/level", unit="bar")
        with monkeypatch.context() as patched:

            def refuse(*_: object) -> None:
                raise ValueError("two tags have the path x")

            patched.setattr(Engine, "reconfigure", refuse)
            answer = eva.send(edit)
        assert not answer.applied
        assert "two tags have the path x" in answer.error
        assert not eva.pending().can_roll_back
        eva.edit(edit)

    async with site.running():
        await site.do(work)
    assert site.read_tags()[0]["unit"] == "bar"


def audit(site: Site) -> list:
    reader = EventReader(site.data / "history")
    try:
        assert reader.verify_audit() == []
        return list(reversed(reader.audit(Query(limit=1000)).lines))
    finally:
        reader.close()
