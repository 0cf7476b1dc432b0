"""A station made of messages: it answers a panel's stores as the real one does, with values a test sets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np

from hmi.core.quality import Status
from hmi.core.tag import Tag
from hmi.link.messages import (
    Admitted,
    AlarmRow,
    Alarms,
    Beat,
    CommandResult,
    Display,
    DisplayNames,
    Failed,
    FindTags,
    GetDisplay,
    GetDisplays,
    GetStatus,
    GetTags,
    History,
    Message,
    ReadTrend,
    Session,
    Subscribe,
    TagInfo,
    TagPage,
    Unsubscribe,
    Values,
    Welcome,
    Write,
)
from hmi.panel.stores import Stores

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "assets" / "demo"
NOW = 1_790_000_000_000_000_000
SECOND = 1_000_000_000
GOOD = int(Status.GOOD)
EXECUTE = 6


def demo_tags() -> list[Tag]:
    """Every tag of the demo project."""
    lines = [line for file in sorted((DEMO / "tags").glob("*.jsonl")) for line in file.read_bytes().splitlines()]
    return [msgspec.json.decode(line, type=Tag) for line in lines if line.strip()]


def info_of(tag: Tag, number: int) -> TagInfo:
    low, high = tag.range or (None, None)
    normal_low, normal_high = tag.normal or (None, None)
    write = tag.write
    return TagInfo(
        number,
        tag.path,
        tag.type.value,
        tag.unit,
        tag.description,
        low,
        high,
        normal_low,
        normal_high,
        tag.decimals,
        dict(tag.states),
        tag.is_stepped,
        "demo",
        "",
        {alarm.id: alarm.limit for alarm in tag.alarms if alarm.kind != "off_normal"},
        write.low if write else None,
        write.high if write else None,
        write is not None,
        write.confirm if write else 2,
        bool(write and write.pulse),
        bool(write and write.to_safe),
        write.role if write else "",
        write.max_step if write else None,
        write.interlock if write else "",
    )


def demo_infos() -> dict[str, TagInfo]:
    return {tag.path: info_of(tag, number) for number, tag in enumerate(demo_tags(), start=1)}


def likely(info: TagInfo) -> float | str:
    """What a healthy line shows of this tag."""
    word = info.path.rsplit("/", 1)[-1]
    if info.type == "string":
        return "Cola 0.5 L" if word == "recipe_name" else "B-2026-118"
    if info.type in {"enum", "bool"}:
        on = {"state": EXECUTE, "mode": 1, "recipe": 1, "loop_mode": 1, "enable": 1, "producing": 1}
        return float(on.get(word, 1 if word.endswith("running") else 0))
    if info.normal_low is not None and info.normal_high is not None:
        share = 0.35 + 0.3 * ((info.tag * 37) % 100) / 100
        value = info.normal_low + share * (info.normal_high - info.normal_low)
        return float(round(value)) if info.type == "int" else value
    counts = {"bottles_out": 124_362.0, "shift_target": 180_000.0, "reject_count": 214.0, "pallets": 73.0}
    return counts.get(word, 0.4 * min(info.high or 100.0, 5000.0))


class FakeStation:
    """Answers at `pump`, so that a test decides when the wire moves."""

    def __init__(self, infos: Iterable[TagInfo], displays: dict[str, bytes] | None = None) -> None:
        self.infos = {info.path: info for info in infos}
        self.by_number = {info.tag: info for info in self.infos.values()}
        self.displays = displays or {}
        self.values: dict[str, tuple[float | str, int, int]] = {
            path: (likely(info), GOOD, NOW) for path, info in self.infos.items()
        }
        self.outbox: list[Message] = []
        self.writes: list[Write] = []
        self.sent: list[Message] = []
        self.subscriptions: dict[int, Subscribe] = {}
        self.history: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        self.utc = NOW
        self.frame = 0
        self.mono = 1_000
        self.stores = Stores(self.outbox.append, lambda: self.mono)

    def open(self, user: str = "kim", role: str = "operator") -> None:
        welcome = Welcome(1, "station", "Bottling line", "r1", "active", "Europe/Berlin", "overview", b"", b"")
        self.stores.opened(welcome, Admitted(True, True), proved=True)
        if user:
            self.stores.receive(Session(0, user, role))
        self.stores.receive(Alarms([], snapshot=True))
        self.beat()
        self.pump()

    def beat(self) -> None:
        self.frame += 1
        self.stores.receive(Beat(self.frame, self.frame, self.utc))

    def pump(self) -> None:
        """Answers everything that was asked, and closes the frame."""
        while self.outbox:
            asked, self.outbox[:] = list(self.outbox), []
            for message in asked:
                self.sent.append(message)
                self._answer(message)
            self.beat()

    def set(self, path: str, value: float | str, status: int = GOOD, *, time: int | None = None) -> None:
        """A new value reaches the panel with the next frame."""
        self.values[path] = (value, status, self.utc if time is None else time)
        tag = self.infos[path].tag
        for number, subscription in self.subscriptions.items():
            if tag in subscription.tags:
                self.stores.receive(self._values(number, [tag]))

    def raise_alarm(self, path: str, priority: int = 2, state: str = "UNACK", ident: str = "H") -> None:
        info = self.infos[path]
        message, limit = f"{info.description}: {ident}", info.limits.get(ident, 0.0)
        row = AlarmRow(
            f"{path}/{ident}", 7, state, priority, info.tag, path, ident, message, info.unit, 1.0, 0, limit, NOW, NOW
        )
        self.stores.receive(Alarms([row]))

    def result(self, write: Write, state: str, text: str = "", *, final: bool = True) -> None:
        self.stores.receive(CommandResult(write.request, write.command, state, text, final))

    def _answer(self, message: Message) -> None:
        match message:
            case GetTags(request=request, paths=paths):
                found = [self.infos[path] for path in paths if path in self.infos]
                self.stores.receive(TagPage(request, found, len(found)))
            case FindTags(request=request, text=text):
                words = text.lower().split()
                hits = [i for i in self.infos.values() if all(w in f"{i.path} {i.description}".lower() for w in words)]
                self.stores.receive(TagPage(request, hits[: message.limit], len(hits)))
            case Subscribe(subscription=number):
                self.subscriptions[number] = message
                self.stores.receive(self._values(number, message.tags))
            case Unsubscribe(subscription=number):
                self.subscriptions.pop(number, None)
            case GetDisplay(request=request, name=name):
                self.stores.receive(Display(request, name, self.displays.get(name, b"")))
            case GetDisplays(request=request):
                self.stores.receive(DisplayNames(request, [(name, name, "") for name in sorted(self.displays)]))
            case GetStatus(request=request):
                self.stores.receive(Failed(request, "This station is made of messages."))
            case ReadTrend(request=request, tag=tag):
                time, value, status = self._trend(message, self.by_number[tag])
                self.stores.receive(History(request, time.tobytes(), value.tobytes(), status.tobytes()))
            case Write():
                self.writes.append(message)

    def _values(self, number: int, tags: list[int]) -> Values:
        rows = [self.values[self.by_number[tag].path] for tag in tags]
        text = [value for value, _, _ in rows if isinstance(value, str)]
        numbers = [text.index(value) if isinstance(value, str) else value for value, _, _ in rows]
        text_rows = [n for n, (value, _, _) in enumerate(rows) if isinstance(value, str)]
        return Values(
            number,
            np.array(tags, "<i4").tobytes(),
            np.array([time for _, _, time in rows], "<i8").tobytes(),
            np.array(numbers, "<f8").tobytes(),
            np.array([status for _, status, _ in rows], "<u4").tobytes(),
            text,
            np.array(text_rows, "<i4").tobytes(),
        )

    def _trend(self, asked: ReadTrend, info: TagInfo) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """A made-up past that wanders around the present value and ends in it."""
        given = self.history.get(info.path)
        if given is not None:
            return _bounded(asked, *given)
        count = min(asked.columns * 2, 800)
        time = np.linspace(asked.start, asked.end - 1, count).astype("<i8")
        value, _, _ = self.values[info.path]
        level = 0.0 if isinstance(value, str) else value
        if info.normal_low is None or info.normal_high is None or info.stepped:
            wander = np.zeros(count)
        else:
            random = np.random.default_rng(info.tag)
            wander = np.cumsum(random.normal(0, 1, count))
            wander = (wander - wander[-1]) / (np.ptp(wander) or 1) * 0.5 * (info.normal_high - info.normal_low)
        return time, (level + wander).astype("<f8"), np.zeros(count, "<u4")


def _bounded(
    asked: ReadTrend, time: np.ndarray, value: np.ndarray, status: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The samples asked for with their neighbours outside; a null where there is none, as the historian answers."""
    first = max(int(np.searchsorted(time, asked.start, side="right")) - 1, 0)
    last = int(np.searchsorted(time, asked.end)) + 1
    time, value, status = time[first:last], value[first:last], status[first:last]
    null = np.array([np.nan]), np.array([int(Status.BAD_BOUND_NOT_FOUND)], "<u4")
    if not len(time) or time[0] > asked.start:
        time, value, status = (
            np.concatenate(both) for both in (([asked.start], time), (null[0], value), (null[1], status))
        )
    if time[-1] < asked.end:
        time, value, status = (
            np.concatenate(both) for both in ((time, [asked.end]), (value, null[0]), (status, null[1]))
        )
    return time.astype("<i8"), value.astype("<f8"), status.astype("<u4")


def demo_station() -> FakeStation:
    """The demo line in good health."""
    files = (DEMO / "displays").glob("*.json")
    return FakeStation(demo_infos().values(), {file.stem: file.read_bytes() for file in files})
