"""The door for everything an engineer asks of the running project."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final
from weakref import WeakKeyDictionary

from hmi.core.errors import LinesideError
from hmi.core.rights import Action, may
from hmi.link.messages import (
    ApplyPending,
    BrowseDevice,
    CommandResult,
    Edit,
    EditProject,
    Failed,
    GetCertificates,
    GetDrivers,
    GetNotes,
    GetPending,
    GetRecords,
    Message,
    ReadDevice,
    RollBack,
    SetNote,
    SetScan,
    SetSecret,
    Substitute,
    TrustCertificate,
    Uses,
    WhereUsed,
)
from hmi.station.confidences import Confidences
from hmi.station.devices import Devices
from hmi.station.editing.answers import Answer, records_messages
from hmi.station.editing.pending import PendingFiles
from hmi.station.editing.service import MOST_EDITS, Editing
from hmi.station.notes import TagNotes
from hmi.station.overrides import Overrides
from hmi.station.who import Who

Send = Callable[[Message], None]
Ask = Callable[[Who, Any, Send], Coroutine[Any, Any, None]]

_NOT_ALLOWED: Final = "Sign in as an engineer to configure."


class Configuring:
    """Hands each request to its service; the services judge the rights to change, this door those to ask."""

    def __init__(
        self,
        editing: Editing,
        pending: PendingFiles,
        devices: Devices,
        overrides: Overrides,
        notes: TagNotes,
        confidences: Confidences,
    ) -> None:
        self._editing = editing
        self._pending = pending
        self._notes = notes
        self._confidences = confidences
        self._parts: WeakKeyDictionary[Any, tuple[str, list[Edit]]] = WeakKeyDictionary()
        """Of the clients that send an edit in parts: its command and what came."""
        self.questions: dict[type[Any], Ask] = {
            GetRecords: self._records,
            GetPending: self._get_pending,
            GetDrivers: lambda _, request, send: devices.drivers(request, send),
            BrowseDevice: lambda _, request, send: devices.browse(request, send),
            ReadDevice: lambda _, request, send: devices.read(request, send),
            GetCertificates: self._certificates,
        }
        """What only an engineer may ask."""
        self.lookups: dict[type[Any], Ask] = {WhereUsed: self._uses, GetNotes: self._get_notes}
        """What everybody may ask who may view."""
        self.commands: dict[type[Any], Ask] = {
            ApplyPending: self._apply,
            RollBack: self._roll_back,
            Substitute: self._result(overrides.substitute),
            SetScan: self._result(overrides.set_scan),
            SetNote: self._result(notes.set_note),
            SetSecret: self._result(confidences.set_secret),
            TrustCertificate: self._result(confidences.trust),
        }
        """What changes something; each service looks at the rights, and notes who was refused."""

    async def ask(self, who: Who, request: Any, send: Send) -> None:
        """Answers one of `questions`."""
        if not may(who.role, Action.CONFIGURE):
            send(Failed(request.request, _NOT_ALLOWED))
            return
        await self.questions[type(request)](who, request, send)

    def gather(self, client: object, request: EditProject) -> list[Edit] | None:
        """The edits of a command once its last part is here; None before.

        Raises:
            LinesideError: more than one command can hold.
        """
        command, edits = self._parts.pop(client, ("", []))
        edits = [*edits, *request.edits] if command == request.command else list(request.edits)
        if len(edits) > MOST_EDITS:
            raise LinesideError(f"An edit changes {MOST_EDITS:,} records at most.")
        if not request.more:
            return edits
        self._parts[client] = (request.command, edits)
        return None

    async def edit(self, who: Who, request: EditProject, edits: list[Edit], send: Send) -> None:
        """Judges and makes an edit."""
        self._tell(await self._editing.edit(who, request, edits), request.request, send)

    async def _records(self, _: Who, request: GetRecords, send: Send) -> None:
        records = await self._editing.records(request)
        for message in records_messages(request.request, self._editing.revision, records):
            send(message)

    async def _uses(self, _: Who, request: WhereUsed, send: Send) -> None:
        send(Uses(request.request, self._editing.uses(request)))

    async def _get_pending(self, _: Who, request: GetPending, send: Send) -> None:
        send(await self._pending.report(request.request))

    async def _certificates(self, _: Who, request: GetCertificates, send: Send) -> None:
        send(await self._confidences.certificates(request))

    async def _get_notes(self, _: Who, request: GetNotes, send: Send) -> None:
        for message in await self._notes.rows(request):
            send(message)

    async def _apply(self, who: Who, request: ApplyPending, send: Send) -> None:
        self._tell(await self._pending.apply(who, request), request.request, send)

    async def _roll_back(self, who: Who, request: RollBack, send: Send) -> None:
        self._tell(await self._pending.roll_back(who, request), request.request, send)

    def _result(self, serve: Callable[[Who, Any], Awaitable[CommandResult]]) -> Ask:
        async def answer(who: Who, request: Any, send: Send) -> None:
            send(await serve(who, request))

        return answer

    def _tell(self, answer: Answer, request: int, send: Send) -> None:
        for message in answer.messages(request, self._editing.revision):
            send(message)
