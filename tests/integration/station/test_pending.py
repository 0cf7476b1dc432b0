"""Files that were changed beside a running station: noticed, shown, run only on demand, and taken back in one step."""

import asyncio
from pathlib import Path

import pytest

from hmi.link.messages import Pending
from hmi.station.editing.saving import Saving
from tests.helpers_station.editing import Engineer, Site, computed, memory
from tests.helpers_station.line import until

TAGS = memory("a", "line/level"), computed("b", "line/twice", "{line/level} * 2")
PULLED = memory("a", "line/level", unit="bar"), memory("n", "line/new")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path).make(*TAGS)


async def test_changed_files_are_told_and_run_only_on_demand(site: Site) -> None:
    def work(eva: Engineer) -> None:
        client = eva.client
        running = client.status().revision
        site.write_tags(*PULLED)
        told = client.wait(lambda k: [m for m in k.messages if isinstance(m, Pending) and m.changes], "the news")[-1]
        assert told.running == running != told.on_disk
        assert told.changes == [
            'tag line/level: unit none -> "bar"',
            "tag line/twice: deleted",
            "tag line/new: new",
        ]
        assert told.flaws == []
        assert client.status().revision == running, "it runs although nobody said so"
        assert eva.apply_pending("0123").error.startswith("The files have changed again")
        answer = eva.apply_pending()
        assert answer.applied, answer
        assert client.status().revision == answer.revision == told.on_disk
        assert client.tag("line/new").tag > 0
        assert not eva.pending().changes
        assert eva.apply_pending("x").error == "The files hold nothing that does not run."
        assert client.status().notices[0].partition("Z ")[2].startswith("project-changed: eva changed the project")

    async with site.running():
        await site.do(work)


async def test_flawed_files_never_run(site: Site) -> None:
    def work(eva: Engineer) -> None:
        site.write_tags(computed("b", "line/twice", "{line/level} * 2"))
        pending = eva.pending()
        assert [(f.where, f.what) for f in pending.flaws] == [
            ("tags/all.jsonl:1: source.expression", "Column 1: there is no tag line/level.")
        ]
        answer = eva.apply_pending()
        assert not answer.applied
        assert answer.flaws == pending.flaws
        refused = eva.send(eva.changed("line/level", unit="bar"))
        assert refused.error.startswith("tags/all.jsonl was changed on the disk and does not run yet.")

    async with site.running():
        await site.do(work)


async def test_what_the_files_hold_is_thrown_away_in_one_step(site: Site) -> None:
    def work(eva: Engineer) -> None:
        revision = eva.client.status().revision
        site.write_tags(*PULLED)
        assert eva.pending().can_roll_back
        assert eva.roll_back().applied
        assert site.read_tags() == list(TAGS)
        assert eva.client.status().revision == revision
        assert not eva.pending().changes

    async with site.running():
        await site.do(work)


async def test_the_way_back_and_forth_again(site: Site) -> None:
    def work(eva: Engineer) -> None:
        assert eva.roll_back().error.startswith("There is nothing to go back to")
        eva.edit(eva.changed("line/level", unit="bar"))
        back = eva.roll_back()
        assert back.changes == ['tag line/level: unit "bar" -> none']
        assert site.read_tags() == list(TAGS)
        assert eva.roll_back().applied
        assert site.read_tags()[0]["unit"] == "bar"
        site.write_tags(*PULLED)
        eva.apply_pending()
        assert eva.roll_back().applied
        assert [tag["uid"] for tag in site.read_tags()] == ["a", "b"]

    async with site.running():
        await site.do(work)


async def test_a_change_while_the_station_was_stopped_can_be_taken_back(site: Site) -> None:
    async with site.running():
        await asyncio.sleep(0)
    site.write_tags(*PULLED)

    def work(eva: Engineer) -> None:
        assert eva.pending().last_change.startswith("Changed while the station was stopped: tag line/level")
        assert eva.roll_back().applied
        assert site.read_tags() == list(TAGS)

    async with site.running():
        await site.do(work)


async def test_a_station_that_fell_back_is_mended_while_it_runs(site: Site, expect_log) -> None:
    expect_log("last good project started", "the project has errors")
    async with site.running():
        await asyncio.sleep(0)
    site.write_tags(TAGS[1])

    def work(eva: Engineer) -> None:
        client = eva.client
        client.subscribe("system/project/valid")
        client.until("system/project/valid", lambda v: v.value == 0.0)
        assert eva.pending().flaws
        assert not eva.apply_pending().applied
        site.write_tags(*TAGS, memory("n", "line/new"))
        assert eva.apply_pending().applied
        client.until("system/project/valid", lambda v: v.value == 1.0)

    async with site.running():
        await site.do(work)


async def test_the_last_good_project_follows_edits(site: Site, expect_log) -> None:
    async with site.running():
        await site.do(lambda eva: eva.edit(eva.changed("line/level", unit="bar")))
        kept = site.data / "last_good_project" / "tags" / "all.jsonl"
        await asyncio.to_thread(until, lambda: '"bar"' in kept.read_text() if kept.exists() else False, "it to be kept")


async def test_an_edit_that_was_cut_off_is_completed_at_the_start(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The station dies when everything is noted and nothing is swapped; see test_saving for every other moment."""

    class DeathError(BaseException):
        pass

    def die(*_: object) -> None:
        raise DeathError

    async with site.running():
        await asyncio.sleep(0)
    from hmi.station.editing.saving import Entry

    before = {"tags/all.jsonl": (site.project / "tags" / "all.jsonl").read_bytes()}
    after = {"tags/all.jsonl": before["tags/all.jsonl"].replace(b'"line/level", ', b'"line/level", "unit": "bar", ')}
    entry = Entry.between("eva", 1, "a unit", before, after)
    with monkeypatch.context() as patched:
        patched.setattr(Saving, "_swap", die)
        with pytest.raises(DeathError):
            Saving(site.project, site.data).save(entry, before, after)
    assert "unit" not in site.read_tags()[0]

    def work(eva: Engineer) -> None:
        assert any("An edit that was cut off was completed: a unit" in line for line in eva.client.status().notices)

    async with site.running():
        await site.do(work)
    assert site.read_tags()[0]["unit"] == "bar"
