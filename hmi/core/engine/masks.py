"""Masks: what stands in place of a tag's own value - a person's value, scan off, a halted device.

While a tag is masked its own samples, signs of life and results go on to be taken in; they are kept here and shown
when nothing stands before them any more. Of several masks the strongest shows: a person's value, then scan off.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import IntFlag
from typing import Any, Final

import numpy as np

from hmi.core.batch import Float64, UInt32
from hmi.core.engine.columns import Columns
from hmi.core.engine.reshaping import overlay
from hmi.core.engine.rows import Index, Rows, Texts, Turn, Why, rows_of
from hmi.core.instants import Instants
from hmi.core.quality import Status


class Mask(IntFlag):
    """What stands before a tag's own value; the lower one shows."""

    SUBSTITUTE = 1
    OFF = 2
    HALTED = 4


_STATUS: Final = {
    Mask.SUBSTITUTE: Status.GOOD_LOCAL_OVERRIDE,
    Mask.OFF: Status.BAD_OUT_OF_SERVICE,
    Mask.HALTED: Status.BAD_DEVICE_FAILURE,
}
_COLUMNS: Final = ("value", "status", "time", "received")


class Masks:
    """Which tags are masked, and what they would say."""

    def __init__(self, columns: Columns) -> None:
        size = columns.size
        self._columns = columns
        self.any = False
        self.kind = np.zeros(size, np.uint8)
        """`Mask` bits by tag id."""
        self.substitutes: dict[int, float | str] = {}
        """Persons' values."""
        self.untold: set[int] = set()
        """Tags that look otherwise since the last scan."""
        self.value = np.full(size, np.nan)
        self.status = np.full(size, int(Status.BAD_WAITING_FOR_INITIAL_DATA), np.uint32)
        self.time = np.zeros(size, np.int64)
        self.received = np.zeros(size, np.int64)
        self.text: dict[int, str] = {}
        """What masked tags' own sources said last; of other tags it means nothing."""

    def masked(self, mask: Mask) -> list[int]:
        """Ids of the tags that have a mask."""
        return np.flatnonzero(self.kind & mask).tolist() if self.any else []

    def hold(self, rows: Rows) -> Rows:
        """Keep back the rows of masked tags; the others."""
        masked = self.kind[rows.tag] != 0
        if not masked.any():
            return rows
        self.keep(rows.take(masked))
        return rows.take(~masked)

    def keep(self, rows: Rows) -> None:
        """Take note of what tags' own sources say, in order."""
        says = rows.take(rows.why != Why.STALE)
        self.value[says.tag] = says.value
        for row in np.flatnonzero(self._columns.is_text[says.tag]).tolist():
            self.text[int(says.tag[row])] = rows.texts.items[int(says.value[row])]
        self.status[rows.tag] = rows.status
        self.time[rows.tag] = rows.time
        self.received[rows.tag] = rows.received

    def keep_one(self, tag: int, value: float | str, status: int, time: int, received: int) -> None:
        """Take note of what one masked tag would say."""
        if isinstance(value, str):
            self.text[tag] = value
        else:
            self.value[tag] = value
        self.status[tag], self.time[tag], self.received[tag] = status, max(time, int(self.time[tag])), received

    def put(self, ids: Index, mask: Mask, scan: Rows) -> None:
        """Put a mask before some tags; `scan`: rows of this scan, which are not live yet."""
        self.any = True
        bare = ids[self.kind[ids] == 0]
        # Of those that were masked until this very scan live values show the mask, and their own are here.
        bare = np.array([at for at in bare.tolist() if at not in self.untold], np.intp) if self.untold else bare
        self._seize(bare)
        last = self._last_rows(bare, scan)
        newest = scan.take(last[last >= 0])
        newest.why[:] = Why.SAMPLE  # what went stale in this scan has its value by now
        self.keep(newest)
        self.untold.update(ids[(self.kind[ids] & mask) == 0].tolist())
        self.kind[ids] |= np.uint8(mask)

    def substitute(self, tag: int, value: float | str, scan: Rows) -> None:
        """Put a person's value before a tag."""
        self.put(np.array([tag], np.intp), Mask.SUBSTITUTE, scan)
        self.substitutes[tag] = value
        self.untold.add(tag)

    def lift(self, ids: Index, mask: Mask) -> None:
        """Take a mask away."""
        ids = ids[(self.kind[ids] & mask) != 0]
        self.kind[ids] &= np.uint8(0xFF ^ mask)
        self.untold.update(ids.tolist())
        if mask is Mask.SUBSTITUTE:
            for at in ids.tolist():
                self.substitutes.pop(at, None)
        self.any = bool(self.kind.any())

    def _seize(self, ids: Index) -> None:
        columns = self._columns
        for name in _COLUMNS:
            getattr(self, name)[ids] = getattr(columns, name)[ids]
        self.text |= {at: columns.text[at] for at in ids.tolist() if at in columns.text}

    def rows(self, texts: Texts, scan: Rows, now: Instants) -> Rows:
        """What the tags look like whose masks changed, as of now."""
        columns, ids = self._columns, np.array(sorted(self.untold), np.intp)
        self.untold.clear()
        value, status = self.looks(ids, texts)
        mono = np.full(len(ids), now.mono, np.int64)
        last = self._last_rows(ids, scan)
        before = np.where(last >= 0, np.append(scan.time, 0)[last], columns.time[ids])
        # Where a device's clock is ahead, its last sample must not come to lie behind what stands in its place.
        time = np.maximum(before, now.utc)
        columns.turned[ids], columns.known[ids] = time, time
        return rows_of(texts, ids, mono, time, mono, value, status, Why.ENTERED, Turn.DEADLINE)

    def _last_rows(self, ids: Index, scan: Rows) -> Index:
        """The last row of each tag in a scan; -1 where there is none."""
        scratch = self._columns.scratch
        scratch[ids] = -1
        scratch[scan.tag] = np.arange(len(scan))
        return scratch[ids]

    def looks(self, ids: Index, texts: Texts) -> tuple[Float64, UInt32]:
        """Values and statuses as they show: of the strongest mask, or the tag's own; texts as codes."""
        value, status = self.value[ids], self.status[ids]
        for mask in reversed(Mask):
            status[(self.kind[ids] & mask) != 0] = _STATUS[mask]
        text = self._columns.is_text
        for row, at in enumerate(ids.tolist()):
            shown = self.substitutes.get(at, self.text.get(at, "") if text[at] else value[row])
            value[row] = texts.code(shown) if isinstance(shown, str) else shown
        return value, status

    def begin_afresh(self, tag: int) -> None:
        """Nothing is known any more of what a masked tag would say."""
        self.text.pop(tag, None)
        self.value[tag], self.status[tag] = np.nan, Status.BAD_WAITING_FOR_INITIAL_DATA

    def edited(self, fresh: Masks, gone: Collection[int], bared: Iterable[int]) -> None:
        """Grow with the columns; nothing stands before removed tags and those that are `bared` any more."""
        overlay(self, fresh, ("kind", *_COLUMNS))
        for at in [*gone, *bared]:
            self.kind[at] = 0
            self.substitutes.pop(at, None)
            self.text.pop(at, None)
            self.untold.discard(at)
        self.any = bool(self.kind.any())

    def save(self, *, running: bool) -> dict[str, Any]:
        """JSON-able copy by uid: what people put before tags; `running`: everything."""
        tags, wanted = self._columns.tags, Mask.SUBSTITUTE | Mask.OFF | (Mask.HALTED if running else Mask(0))
        return {
            tags[at].uid: {
                "kind": int(self.kind[at]) & wanted,
                "substitute": self.substitutes.get(at),
                "value": None if np.isnan(self.value[at]) else float(self.value[at]),
                "text": self.text.get(at),
                "status": int(self.status[at]),
                "time": int(self.time[at]),
                "received": int(self.received[at]),
            }
            for at in (np.flatnonzero(self.kind & wanted).tolist() if self.any else ())
        }

    def load(self, saved: Mapping[str, Any], *, running: bool) -> list[int]:
        """Take over what `save` gave; the tags that cannot have it any more.

        `running`: live values show it already. Otherwise the tags' own values wait like those of any tag, and how they
        look is told with the next scan.
        """
        columns = self._columns
        found = {tag.uid: at for at, tag in columns.tags.items() if tag.uid in saved}
        ids = {uid: at for uid, at in found.items() if self._fits(at, saved[uid])}
        for uid, at in ids.items():
            kept = saved[uid]
            self.any = True
            self.kind[at] = kept["kind"]
            if kept["substitute"] is not None:
                self.substitutes[at] = kept["substitute"]
            self.value[at] = np.nan if kept["value"] is None else kept["value"]
            self.text |= {} if kept["text"] is None else {at: kept["text"]}
            self.status[at] = kept["status"] if running else columns.status[at]
            self.time[at] = kept["time"]
            self.received[at] = kept["received"] if running else 0
        if not running:
            self.untold.update(ids.values())
            self._show(np.array(sorted(ids.values()), np.intp))
        return sorted(set(found.values()).difference(ids.values()))

    def _fits(self, at: int, kept: Mapping[str, Any]) -> bool:
        columns, substitute = self._columns, kept["substitute"]
        if kept["kind"] & ~Mask.SUBSTITUTE and not columns.connected[at]:
            return False
        fits = substitute is None or isinstance(substitute, str) is bool(columns.is_text[at])
        return fits and not bool(columns.kept[at])

    def _show(self, ids: Index) -> None:
        """Let live values look as they do, without a row that says so."""
        texts, columns = Texts(), self._columns
        value, columns.status[ids] = self.looks(ids, texts)
        is_text = columns.is_text[ids]
        columns.value[ids[~is_text]] = value[~is_text]
        codes = value[is_text].astype(int).tolist()
        columns.text |= {at: texts.items[one] for at, one in zip(ids[is_text].tolist(), codes, strict=True)}
