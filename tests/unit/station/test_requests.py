"""What happens to a request when its client leaves, when its user loses the rights, and when the station stops."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from hmi.core.batch import join
from hmi.core.errors import LinesideError
from hmi.core.rights import Role
from hmi.drivers.registry import available
from hmi.link.codec import decode_station
from hmi.link.messages import AlarmRow, Alarms, CommandResult, Message, Session, SignIn, SignOut, Write
from hmi.link.server import ServerSession, StationFacts
from hmi.station import requests
from hmi.station.configuring import Configuring
from hmi.station.devices import Devices
from hmi.station.gateway import Gateway
from hmi.station.requests import Requests
from hmi.station.turned_away import TurnedAway

from .fakes import FakeClock, latest


def alarm(number: int, state: str = "UNACK") -> AlarmRow:
    return AlarmRow(f"a{number}", number, state, 1, 1, "p", "H", "m", "", 0.0, 0, 0.0, 0, 0)


SERVED = ("substitute", "set_scan", "set_note", "set_secret", "trust")
FACTS = StationFacts("s", "Line", "r", "active", "UTC", "", view_without_sign_in=False)


class Desk:
    """Front desk of one user, whose role can be changed; a password takes until `go` to check."""

    def __init__(self) -> None:
        self.present = Role.OPERATOR
        self.broken = False
        self.welcome = False
        self.go = asyncio.Event()
        self.records: list[str] = []

    def role(self, user: str) -> Role:
        if self.broken:
            raise LinesideError("The password file is damaged.")
        return self.present

    async def sign_in(self, user: str, password: str, terminal: str) -> tuple[Role, str]:
        await self.go.wait()
        self.records.append(user)
        return (self.present, "") if self.welcome else (Role.NONE, "wrong")


class Device:
    """Commands that take until `go`."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.began = asyncio.Event()
        self.ended: list[str] = []
        self.fault: Exception | None = None

    async def write(self, who: Any, request: Write, progress: Any) -> None:
        self.began.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.ended.append("broken off")
            raise
        if self.fault is not None:
            raise self.fault
        self.ended.append("done")
        progress(CommandResult(request.request, request.command, "done", ""))


class Looker:
    """A client as the station's services see it."""

    def __init__(self) -> None:
        self.session = ServerSession(FACTS, b"k" * 32, b"n" * 32, "", 1, 0)
        self.session.user, self.session.role, self.session.local = "ann", Role.OPERATOR, True
        self.told: list[Message] = []
        self.ended = ""

    def scanned(self, scan: int) -> None:
        """Nothing is sent by itself."""

    def send(self, message: Message) -> None:
        self.told.append(message)

    def end(self, reason: str) -> None:
        self.ended = reason


def services(desk: Desk, device: Device) -> Requests:
    none: Any = None
    signs: Any = desk
    commands: Any = device
    configuring = Configuring(none, none, Devices({}, available), *[SimpleNamespace(**dict.fromkeys(SERVED))] * 3)
    return Requests(none, {}, none, none, commands, none, signs, none, configuring)


WRITE = Write(1, "command-1", 1, 2.0, 1.0, 0)


async def leave(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_command_goes_on_when_its_client_leaves() -> None:
    device, client = Device(), Looker()
    service = services(Desk(), device)
    asking = asyncio.create_task(service.handle(client, WRITE))  # type: ignore[arg-type]  # a stand-in
    await device.began.wait()
    await leave(asking)
    device.go.set()
    await service.finish()
    assert device.ended == ["done"]


async def test_a_command_that_fails_behind_its_clients_back_is_told_in_the_log(expect_log: Callable[..., None]) -> None:
    expect_log("command failed", "an engineer must hear of a defect although nobody waits for the answer")
    device, client = Device(), Looker()
    device.fault = ZeroDivisionError()
    service = services(Desk(), device)
    asking = asyncio.create_task(service.handle(client, WRITE))  # type: ignore[arg-type]  # a stand-in
    await device.began.wait()
    await leave(asking)
    device.go.set()
    await service.finish()


async def test_a_station_that_stops_breaks_off_what_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "FINISH", 0.01)
    device, client = Device(), Looker()
    service = services(Desk(), device)
    asking = asyncio.create_task(service.handle(client, WRITE))  # type: ignore[arg-type]  # a stand-in
    await device.began.wait()
    await service.finish()
    assert device.ended == ["broken off"]
    await leave(asking)


async def test_an_attempt_to_sign_in_is_recorded_although_the_client_has_gone() -> None:
    desk, client = Desk(), Looker()
    service = services(desk, Device())
    asking = asyncio.create_task(service.handle(client, SignIn(1, "ann", "guess")))  # type: ignore[arg-type]  # a stand-in
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await leave(asking)
    desk.go.set()
    await service.finish()
    assert desk.records == ["ann"]


async def test_who_lost_the_rights_sees_nothing_more_without_asking_for_anything() -> None:
    desk, client = Desk(), Looker()
    service = services(desk, Device())
    none: Any = None
    gateway = Gateway(FACTS, b"", FakeClock(), 1, latest, none, none, none, service.refresh_role, none)
    gateway.clients.add(client)  # type: ignore[arg-type]  # a stand-in
    gateway.refresh_rights()
    seeing = [client.session.may_view]
    desk.present = Role.NONE
    gateway.refresh_rights()
    assert [*seeing, client.session.may_view] == [True, False]
    assert client.told == [Session(0, "", "none", "Your rights have changed.")]


async def test_nobody_is_shown_anything_when_rights_cannot_be_looked_up() -> None:
    desk, client = Desk(), Looker()
    service = services(desk, Device())
    none: Any = None
    gateway = Gateway(FACTS, b"", FakeClock(), 1, latest, none, none, none, service.refresh_role, none)
    gateway.clients.add(client)  # type: ignore[arg-type]  # a stand-in
    desk.broken = True
    gateway.refresh_rights()
    assert client.ended == "The password file is damaged."


async def test_who_signs_in_again_is_told_the_whole_alarm_list_anew() -> None:
    desk, client = Desk(), Looker()
    desk.go.set()
    service = services(desk, Device())
    none: Any = None
    standing = [[alarm(1)], [alarm(2)]]
    away = TurnedAway(FakeClock(), lambda *_: None)
    gateway = Gateway(
        FACTS, b"", FakeClock(), 1, latest, none, lambda: (standing[0], 0), none, service.refresh_role, away
    )
    gateway.clients.add(client)  # type: ignore[arg-type]  # a stand-in
    gateway.publish(1, join([]), [alarm(1)], 0)
    client.session.outbox.take(latest)
    await service.handle(client, SignOut(1))  # type: ignore[arg-type]  # a stand-in
    gateway.publish(2, join([]), [alarm(1, "NORM"), alarm(2)], 0)
    assert not client.session.outbox.pending
    standing.pop(0)
    desk.welcome = True
    await service.handle(client, SignIn(2, "ann", "bottle"))  # type: ignore[arg-type]  # a stand-in
    gateway.publish(3, join([]), [], 0)
    assert [decode_station(data) for data in client.session.outbox.take(latest)] == [Alarms([alarm(2)], True, 0)]
