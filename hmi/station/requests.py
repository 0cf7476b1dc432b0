"""Answers what clients ask: each request type has one short method; rights are looked up at the moment of asking."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Protocol

import structlog

from hmi.core.errors import LinesideError
from hmi.core.rights import Role
from hmi.link.messages import (
    AcknowledgeAlarms,
    ClientMessage,
    Display,
    DisplayNames,
    EditProject,
    Failed,
    FindTags,
    GetDisplay,
    GetDisplays,
    GetStatus,
    GetTags,
    Journal,
    ReadHistory,
    ReadJournal,
    ReadTrend,
    Session,
    SignIn,
    SignOut,
    Status,
    StatusReport,
    TagPage,
    Write,
)
from hmi.station.acknowledgements import Acknowledgements
from hmi.station.commands import CommandService
from hmi.station.configuring import Configuring
from hmi.station.history_service import HistoryService
from hmi.station.sessions import Client
from hmi.station.sign_in import SignIns
from hmi.station.tag_table import TagTable
from hmi.station.who import Who

_log = structlog.get_logger()

MOST_TAGS: Final = 1000
"""Directory entries in one answer."""

FINISH: Final = 1.0
"""Seconds in which commands under way may end when the station stops."""


class Journals(Protocol):
    """The alarm journal as clients read it."""

    async def page(self, request: ReadJournal) -> Journal:
        """One page, newest first."""
        ...


class Requests:
    """The station's services behind one door."""

    def __init__(
        self,
        table: TagTable,
        displays: dict[str, tuple[str, str, bytes]],
        history: HistoryService,
        journals: Journals,
        commands: CommandService,
        acknowledgements: Acknowledgements,
        sign_ins: SignIns,
        status: Callable[[], StatusReport],
        configuring: Configuring,
    ) -> None:
        """`displays` holds (title, parent, JSON text) by name in reading order."""
        self._under_way: set[asyncio.Task[None]] = set()
        self._table = table
        self._displays = displays
        self._history = history
        self._journals = journals
        self._commands = commands
        self._acknowledgements = acknowledgements
        self._sign_ins = sign_ins
        self._status = status
        self._configuring = configuring
        self._answers: dict[type[Any], Callable[[Client, Any], Awaitable[None]]] = {
            FindTags: self._find_tags,
            GetTags: self._get_tags,
            GetDisplays: self._get_displays,
            GetDisplay: self._get_display,
            ReadHistory: self._read_history,
            ReadTrend: self._read_history,
            ReadJournal: self._read_journal,
            GetStatus: self._get_status,
        }

    async def handle(self, client: Client, request: ClientMessage) -> None:
        """Answers one request; viewing needs the right to view, commands bring their own checks."""
        self.refresh_role(client)
        match request:
            case SignIn():
                await self._to_the_end(self._sign_in(client, request))
            case SignOut():
                self._sign_out(client, request)
            case Write():
                await self._to_the_end(self._commands.write(self._who(client), request, client.send))
            case AcknowledgeAlarms():
                await self._to_the_end(self._acknowledge(client, request))
            case EditProject():
                await self._edit(client, request)
            case _ if type(request) in self._configuring.commands:
                command = self._configuring.commands[type(request)]
                await self._to_the_end(command(self._who(client), request, client.send))
            case _:
                await self._ask(client, request)

    async def _edit(self, client: Client, request: EditProject) -> None:
        try:
            edits = self._configuring.gather(client, request)
        except LinesideError as error:
            client.send(Failed(request.request, str(error)))
            return
        if edits is not None:
            await self._to_the_end(self._configuring.edit(self._who(client), request, edits, client.send))

    async def _ask(self, client: Client, request: Any) -> None:
        """What changes nothing; a service that cannot answer says why."""
        kind, configuring = type(request), self._configuring
        try:
            if kind in configuring.questions:
                await configuring.ask(self._who(client), request, client.send)
            elif kind not in self._answers and kind not in configuring.lookups:
                client.end("The client said something out of turn.")
            elif not client.session.may_view:
                client.send(Failed(request.request, "Sign in to see values."))
            elif kind in self._answers:
                await self._answers[kind](client, request)
            else:
                await configuring.lookups[kind](self._who(client), request, client.send)
        except LinesideError as error:
            client.send(Failed(request.request, str(error)))

    async def _to_the_end(self, work: Coroutine[Any, Any, None]) -> None:
        """What leaves a trace goes on when its client leaves: no command is broken off between request and result."""
        task = asyncio.create_task(work, name="command")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_complain)  # nobody else is left to hear of its failure
            raise

    async def finish(self) -> None:
        """Lets commands under way end, for a station that stops; what takes too long notes that it is not known."""
        for again in (True, False):
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=FINISH)
            for task in self._under_way if again else ():
                task.cancel()

    def _who(self, client: Client) -> Who:
        session = client.session
        return Who(session.user, session.role, f"{session.client} at {session.terminal}")

    def refresh_role(self, client: Client) -> None:
        """A user who was disabled or demoted since loses the rights at once."""
        session = client.session
        if not session.user:
            return
        role = self._sign_ins.role(session.user)
        if role is not session.role:
            session.role = role
            session.user = session.user if role is not Role.NONE else ""
            client.send(Session(0, session.user, role.name.lower(), "Your rights have changed."))

    async def _sign_in(self, client: Client, request: SignIn) -> None:
        session = client.session
        if not session.local:
            client.send(
                Session(request.request, "", "none", "This connection is not protected: sign in at the station.")
            )
            return
        role, error = await self._sign_ins.sign_in(request.user, request.password, self._who(client).terminal)
        if role is not Role.NONE:
            session.user, session.role = request.user, role
            session.outbox.forget_alarms()  # the panel threw its list away with the rights of whoever was here before
        client.send(Session(request.request, session.user, session.role.name.lower(), error))

    def _sign_out(self, client: Client, request: SignOut) -> None:
        client.session.user, client.session.role = "", Role.NONE
        client.send(Session(request.request, "", "none"))

    async def _acknowledge(self, client: Client, request: AcknowledgeAlarms) -> None:
        client.send(await self._acknowledgements.acknowledge(self._who(client), request))

    async def _find_tags(self, client: Client, request: FindTags) -> None:
        # A search over 100,000 tags takes tens of milliseconds: too long between two scans.
        tags, total = await asyncio.to_thread(
            self._table.find, request.text, request.offset, min(request.limit, MOST_TAGS)
        )
        client.send(TagPage(request.request, tags, total))

    async def _get_tags(self, client: Client, request: GetTags) -> None:
        tags = self._table.infos(request.paths[:MOST_TAGS])
        client.send(TagPage(request.request, tags, len(tags)))

    async def _get_displays(self, client: Client, request: GetDisplays) -> None:
        rows = [(name, title, parent) for name, (title, parent, _) in self._displays.items()]
        client.send(DisplayNames(request.request, rows))

    async def _get_display(self, client: Client, request: GetDisplay) -> None:
        found = self._displays.get(request.name)
        client.send(Display(request.request, request.name, found[2] if found is not None else b""))

    async def _read_history(self, client: Client, request: ReadHistory | ReadTrend) -> None:
        if request.tag not in self._table.tags:
            client.send(Failed(request.request, "The station does not know this tag."))
            return
        await self._history.answer(request, client.send)

    async def _read_journal(self, client: Client, request: ReadJournal) -> None:
        client.send(await self._journals.page(request))

    async def _get_status(self, client: Client, request: GetStatus) -> None:
        client.send(Status(request.request, self._status()))


def _complain(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("command failed", error=repr(error))
