"""A client that always reads: a thread works frames off like a panel does, and tests wait for what they expect."""

import contextlib
import secrets
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from hmi.core.closing import Closing
from hmi.link.client import ClientSession, Ended, Event, Opened, Received, Stale
from hmi.link.codec import batch_from
from hmi.link.messages import (
    MAX_MESSAGE,
    AcknowledgeAlarms,
    AlarmRow,
    Alarms,
    Beat,
    CommandResult,
    Failed,
    FindTags,
    GetStatus,
    GetTags,
    History,
    Message,
    ReadHistory,
    Session,
    SignIn,
    Status,
    StatusReport,
    Subscribe,
    TagInfo,
    TagPage,
    Values,
    Write,
)
from hmi.link.proof import NONCE_BYTES, end_of

PATIENCE = 15.0
"""Seconds a test waits for what must come on a busy machine; nothing is measured by it."""

M = TypeVar("M", bound=Message)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as the client has it."""

    value: float | str
    status: int
    time: int
    at: float
    """Monotonic seconds at which it was decoded."""

    @property
    def is_good(self) -> bool:
        """Whether its quality is Good."""
        return self.status >> 30 == 0


@dataclass
class Known:
    """What a client has been told so far."""

    opened: Opened | None = None
    values: dict[int, Shown] = field(default_factory=dict)
    samples: list[tuple[int, Shown]] = field(default_factory=list)
    alarms: dict[str, AlarmRow] = field(default_factory=dict)
    alarm_rows: list[AlarmRow] = field(default_factory=list)
    """Every row that came after the first snapshot, in order."""
    has_alarms: bool = False
    beats: list[tuple[float, Beat]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    results: dict[str, list[CommandResult]] = field(default_factory=lambda: defaultdict(list))
    stale_at: list[float] = field(default_factory=list)
    ended: str = ""


class LinkUser(Closing):
    """One session with a station, driven by a thread of its own; every wait has an end."""

    def __init__(self, url: str, key: bytes | None, *, who: str = "test") -> None:
        self.known = Known()
        self._changed = threading.Condition()
        self._numbers = 0
        self._paths: dict[str, TagInfo] = {}
        self._leaving = contextlib.ExitStack()
        self._socket: ClientConnection = self._leaving.enter_context(
            connect(f"{url}/link", compression=None, max_size=MAX_MESSAGE, open_timeout=10, close_timeout=1, proxy=None)
        )
        nonce = secrets.token_bytes(NONCE_BYTES)
        self._session = ClientSession(
            who, "test-pc", nonce, key, end_of(*self._socket.remote_address[:2]), time.monotonic_ns()
        )
        self._flush()
        self._thread = threading.Thread(target=self._run, name=f"link user {who}")
        self._thread.start()

    def close(self) -> None:
        """Leaves the station."""
        self._leaving.close()
        self._thread.join()

    # ---- waiting

    def wait(self, find: Callable[[Known], T | None], what: str, patience: float = PATIENCE) -> T:
        """What `find` finds, as soon as it finds something true."""
        with self._changed:
            found: list[T] = []

            def look() -> bool:
                value = find(self.known)
                if value:
                    found.append(value)
                return bool(value) or bool(self.known.ended)

            self._changed.wait_for(look, patience)
            if not found:
                raise AssertionError(
                    f"waited {patience:g} s in vain for {what}; the session ended: {self.known.ended!r}"
                )
            return found[-1]

    def opened(self) -> Opened:
        """The end of the handshake."""
        return self.wait(lambda k: k.opened, "the handshake")

    def ended(self, patience: float = PATIENCE) -> str:
        """The sentence with which the session ends."""
        return self.wait(lambda k: k.ended, "the end of the session", patience)

    def ask(self, request: Message, kind: type[M]) -> M:
        """The answer to a request.

        Raises:
            AssertionError: with the station's sentence when it refused.
        """
        number = request.request  # type: ignore[attr-defined]  # every request has one
        self.send(request)

        def mine(known: Known) -> Message | None:
            return next(
                (m for m in reversed(known.messages) if isinstance(m, kind | Failed) and m.request == number),  # type: ignore[attr-defined]  # answers carry it back
                None,
            )

        answer = self.wait(mine, f"the answer to {type(request).__name__}")
        if isinstance(answer, Failed):
            raise AssertionError(answer.reason)
        assert isinstance(answer, kind)
        return answer

    def send(self, message: Message) -> None:
        """Sends one message."""
        with self._changed:
            self._session.send(message)
        self._flush()

    def number(self) -> int:
        """A fresh request number."""
        self._numbers += 1
        return self._numbers

    # ---- what a panel does

    def sign_in(self, user: str, password: str) -> Session:
        """Signs in; the answer tells whether it worked."""
        return self.ask(SignIn(self.number(), user, password), Session)

    def status(self) -> StatusReport:
        """The station's health."""
        return self.ask(GetStatus(self.number()), Status).report

    def tag(self, path: str) -> TagInfo:
        """A tag's directory entry."""
        if path not in self._paths:
            self._paths.update({i.path: i for i in self.ask(GetTags(self.number(), [path]), TagPage).tags})
        return self._paths[path]

    def find(self, text: str) -> list[TagInfo]:
        """Every directory entry with these words."""
        found: list[TagInfo] = []
        while True:
            page = self.ask(FindTags(self.number(), text, len(found), 500), TagPage)
            found += page.tags
            self._paths.update({i.path: i for i in page.tags})
            if len(found) >= page.total:
                return found

    def subscribe(self, *paths: str, samples: bool = False, number: int = 1) -> None:
        """Opens a page with these tags."""
        self.opened()
        self.send(Subscribe(number, [self.tag(p).tag for p in paths], samples))

    def value(self, path: str) -> Shown | None:
        """What is shown of a subscribed tag."""
        return self.known.values.get(self.tag(path).tag)

    def until(self, path: str, wanted: Callable[[Shown], bool], patience: float = PATIENCE) -> Shown:
        """The value of a subscribed tag once it is as wanted."""
        tag = self.tag(path).tag

        def look(known: Known) -> Shown | None:
            shown = known.values.get(tag)
            return shown if shown is not None and wanted(shown) else None

        return self.wait(look, f"{path} (now {self.known.values.get(tag)})", patience)

    def read_history(self, path: str) -> dict[int, float]:
        """Every stored sample of a tag by its time, read page by page over the link."""
        found: dict[int, float] = {}
        start = 0
        while True:
            request = ReadHistory(self.number(), self.tag(path).tag, start, 2**62, 50, bounds=False)
            parts = self._parts(request)
            for part in parts:
                times, values = np.frombuffer(part.time, "<i8"), np.frombuffer(part.value, "<f8")
                found.update(zip(times.tolist(), values.tolist(), strict=True))
            if not parts[-1].more:
                return found
            start = max(found) + 1

    def _parts(self, request: ReadHistory) -> list[History]:
        self.send(request)

        def whole(known: Known) -> list[History] | None:
            parts = [m for m in known.messages if isinstance(m, History) and m.request == request.request]
            return parts if parts and parts[-1].done else None

        return self.wait(whole, "the whole history")

    def write(
        self, path: str, value: float | str, *, expected: float | str | None = None, command: str = "", reason: str = ""
    ) -> str:
        """Sends a confirmed setpoint; the command's id, for `result`."""
        command = command or str(uuid.uuid4())
        tag = self.tag(path).tag
        asked = self.wait(lambda k: k.beats, "a beat")[-1][1].utc
        self.send(Write(self.number(), command, tag, value, expected, asked, reason))
        return command

    def result(self, command: str, patience: float = PATIENCE) -> CommandResult:
        """How a command ended."""
        return self.wait(
            lambda k: next((r for r in k.results[command] if r.final), None), f"the end of {command}", patience
        )

    def alarms(self) -> dict[str, AlarmRow]:
        """The alarms that are not normal, by `path/id`."""
        self.wait(lambda k: k.has_alarms, "the alarm list")
        with self._changed:
            return {f"{row.path}/{row.id}": row for row in self.known.alarms.values()}

    def acknowledge(self, rows: Sequence[AlarmRow], comment: str = "") -> CommandResult:
        """Acknowledges what is shown."""
        command = str(uuid.uuid4())
        self.send(AcknowledgeAlarms(self.number(), command, [(r.alarm, r.event) for r in rows], comment))
        return self.result(command)

    # ---- the thread

    def _run(self) -> None:
        while not self.known.ended:
            try:
                data: Any = self._socket.recv(0.1)
            except TimeoutError:
                data = None
            except ConnectionClosed as error:
                self._take(self._session.closed(f"closed: {error}"))
                break
            now = time.monotonic_ns()
            with self._changed:
                events = self._session.received(data, now) if data is not None else []
                events += self._session.tick(time.monotonic_ns())
            self._take(events)
            self._flush()

    def _flush(self) -> None:
        with self._changed:
            waiting = self._session.outgoing()
        with contextlib.suppress(ConnectionClosed):
            for data in waiting:
                self._socket.send(data)

    def _take(self, events: Sequence[Event]) -> None:
        with self._changed:
            for event in events:
                match event:
                    case Opened():
                        self.known.opened = event
                    case Stale():
                        self.known.stale_at.append(time.monotonic())
                    case Ended(sentence=sentence):
                        self.known.ended = sentence
                    case Received(message=message):
                        self._note(message)
            self._changed.notify_all()

    def _note(self, message: Message) -> None:
        known = self.known
        match message:
            case Beat():
                known.beats.append((time.monotonic(), message))
                self._session.seen(message)
            case Values():
                self._note_values(message)
            case Alarms():
                self._note_alarms(message)
            case CommandResult():
                known.results[message.command].append(message)
            case _:
                known.messages.append(message)

    def _note_values(self, message: Values) -> None:
        batch, now = batch_from(message), time.monotonic()
        for row, tag in enumerate(batch.tag.tolist()):
            text = batch.text_at(row)
            value = float(batch.value[row]) if text is None else text
            shown = Shown(value, int(batch.status[row]), int(batch.time[row]), now)
            self.known.values[tag] = shown
            self.known.samples.append((tag, shown))

    def _note_alarms(self, message: Alarms) -> None:
        known = self.known
        if message.snapshot:
            known.alarms.clear()
        else:
            known.alarm_rows += message.rows
        known.alarms.update({row.alarm: row for row in message.rows})
        known.alarms = {name: row for name, row in known.alarms.items() if row.state != "NORM"}
        known.has_alarms = True
