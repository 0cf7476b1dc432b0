"""What an engineer has open: records as the station gave them, as they stand in the table, and the way back."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from hmi.core.bulk import Step, UndoStack, with_kinds
from hmi.core.bulk.undo import Changed
from hmi.link.messages import Edit, Edited, Record
from hmi.panel.stores.project import ProjectStore

Document = dict[str, Any]
Told = Callable[[Edited], None]

NOT_OURS: Final = (
    "It cannot be taken back or made again: somebody has changed it since. Open the tags to see how they are."
)


class _Seen(NamedTuple):
    """A record as the station last gave it; the empty one: there is none."""

    digest: str = ""
    data: bytes = b""
    document: Document | None = None


def encoded(document: Document) -> bytes:
    """A document as it is sent."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False).encode()


class Editing:
    """Makes edits of what differs, and steps back; every edit names the digest that the person saw."""

    def __init__(self, project: ProjectStore) -> None:
        self._project = project
        self._seen: dict[str, _Seen] = {}
        """By uid."""
        self._undo = UndoStack()

    @property
    def undo_title(self) -> str:
        """What would be taken back; empty: nothing."""
        return self._undo.undo_title

    @property
    def redo_title(self) -> str:
        """What would be made again; empty: nothing."""
        return self._undo.redo_title

    def opened(self, records: Sequence[Record]) -> list[Document]:
        """Records to edit; their documents."""
        self.learned(records)
        return [json.loads(record.document) for record in records]

    def learned(self, records: Sequence[Record]) -> None:
        """What the station says that stands there now."""
        for record in records:
            self._seen[record.key] = _Seen(record.digest, record.document, _decoded(record.document))

    def changed(self, documents: Sequence[Document]) -> list[Document]:
        """Those that differ from what the station gave, or are new."""
        return [document for document in documents if self._stands(document["uid"]).document != document]

    def check(self, documents: Sequence[Document], told: Told) -> None:
        """Asks what would be wrong with them, without a change."""
        self._project.edit([self._put(with_kinds(document)) for document in documents], told, dry=True)

    def save(self, documents: Sequence[Document], title: str, told: Told) -> None:
        """Sends what differs; it can be taken back once the station has made it."""
        whole = [with_kinds(document) for document in self.changed(documents)]
        changes = [Changed("tag", d["uid"], self._stands(d["uid"]).data, encoded(d)) for d in whole]
        self._send(Step(title, tuple(changes)), self._undo.did, told)

    def delete(self, documents: Sequence[Document], title: str, told: Told) -> None:
        """Takes tags away; the station refuses one that is used."""
        changes = [
            Changed("tag", d["uid"], self._stands(d["uid"]).data, b"") for d in documents if d["uid"] in self._seen
        ]
        self._send(Step(title, tuple(changes)), self._undo.did, told)

    def undo(self, told: Told) -> None:
        """Takes the last step back by an edit of its own."""
        self._go(self._undo.to_undo(), self._undo.undone, told)

    def redo(self, told: Told) -> None:
        """Makes the step again that was taken back."""
        self._go(self._undo.to_redo(), self._undo.redone, told)

    def theirs(self, records: Sequence[Record]) -> dict[str, Document]:
        """What somebody else made of the records, by uid; nothing of a tag that went."""
        return {record.key: json.loads(record.document) for record in records if record.document}

    def _go(self, step: Step | None, gone: Callable[[], None], told: Told) -> None:
        """A step back or forth, as long as what it left still stands: the digest seen last may be somebody else's."""
        if step is None:
            return
        if any(_decoded(c.before) != self._stands(c.key).document for c in step.records):
            told(Edited(0, applied=False, revision="", error=NOT_OURS))
        else:
            self._send(step, lambda _step: gone(), told)

    def _send(self, step: Step, made: Callable[[Step], None], told: Told) -> None:
        edits = [Edit(c.kind, c.key, self._stands(c.key).digest, c.after) for c in step.records]

        def answered(answer: Edited) -> None:
            if answer.applied:
                made(step)
                self.learned(answer.records)
            told(answer)

        self._project.edit(edits, answered, dry=False, comment=step.title)

    def _put(self, document: Document) -> Edit:
        return Edit("tag", document["uid"], self._stands(document["uid"]).digest, encoded(document))

    def _stands(self, uid: str) -> _Seen:
        return self._seen.get(uid, _Seen())


def _decoded(data: bytes) -> Document | None:
    found: Document | None = json.loads(data) if data else None
    return found
