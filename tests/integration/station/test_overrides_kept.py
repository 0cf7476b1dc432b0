"""What people set beside the configuration: seen by everybody, in the audit trail, and still there after a restart."""

import uuid
from pathlib import Path

from hmi.core.quality import Status
from hmi.historian.event_reader import EventReader, Query
from hmi.link.messages import GetNotes, Notes, SetNote, Substitute
from tests.helpers_station.editing import Engineer, Site, computed, memory

TAGS = memory("a", "line/level"), computed("b", "line/twice", "{line/level} * 2")


def rows(eva: Engineer) -> dict[int, tuple[str, bool, str, str]]:
    answer = eva.client.ask(GetNotes(eva.client.number(), []), Notes)
    return {row.tag: (row.note, row.substituted, row.reason, row.user) for row in answer.rows}


def done(eva: Engineer, request: SetNote | Substitute) -> str:
    eva.client.send(request)
    return eva.client.result(request.command).state


async def test_a_note_and_a_substitute_survive_a_rename_and_a_restart(tmp_path: Path) -> None:
    site = Site(tmp_path).make(*TAGS)

    def first(eva: Engineer) -> int:
        client = eva.client
        tag = client.tag("line/twice").tag
        assert rows(eva) == {}
        note = SetNote(client.number(), str(uuid.uuid4()), tag, "Pump is being serviced.")
        assert done(eva, note) == "done"
        put = Substitute(client.number(), str(uuid.uuid4()), tag, 4.5, "sensor away")
        assert done(eva, put) == "done"
        client.wait(lambda k: [m for m in k.messages if isinstance(m, Notes) and m.request == 0 and m.rows], "the news")
        eva.edit(eva.changed("line/twice", path="line/double"))
        assert rows(eva) == {tag: ("Pump is being serviced.", True, "sensor away", "eva")}
        return tag

    def second(eva: Engineer) -> None:
        client = eva.client
        client.subscribe("line/double")
        shown = client.until("line/double", lambda v: v.value == 4.5)
        assert shown.status == int(Status.GOOD_LOCAL_OVERRIDE)
        [(tag, row)] = rows(eva).items()
        assert row == ("Pump is being serviced.", True, "sensor away", "eva")
        assert done(eva, Substitute(client.number(), str(uuid.uuid4()), tag, None)) == "done"
        client.until("line/double", lambda v: v.value == 10.0 and v.is_good)
        assert done(eva, SetNote(client.number(), str(uuid.uuid4()), tag, "")) == "done"
        assert rows(eva) == {}

    def otto(otto: Engineer) -> None:
        refused = Substitute(otto.client.number(), str(uuid.uuid4()), otto.client.tag("line/double").tag, 1.0, "x")
        assert done(otto, refused) == "refused"
        note = SetNote(otto.client.number(), str(uuid.uuid4()), otto.client.tag("line/double").tag, "seen")
        assert done(otto, note) == "done"

    async with site.running():
        await site.do(first)
    async with site.running():
        await site.do(second)
        await site.do(otto, "otto")
    reader = EventReader(site.data / "history")
    try:
        acts = [(a.user, a.action, a.result) for a in reversed(reader.audit(Query(limit=50)).lines)]
    finally:
        reader.close()
    assert ("eva", "note", "requested") in acts
    assert ("eva", "substitute", "done") in acts
    assert (
        "otto",
        "substitute",
        "refused: Sign in as an engineer: a value or a switch of a person hides what the device says.",
    ) in acts
