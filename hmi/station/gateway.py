"""The station's one port: `/link` for panels, `/health` and `/metrics` for supervision. Closed unless opened."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable

import structlog
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from hmi.core.batch import Batch
from hmi.core.errors import LinesideError
from hmi.drivers.api import Clock
from hmi.link.messages import AlarmRow, Message, StatusReport
from hmi.link.outbox import Latest
from hmi.link.proof import NONCE_BYTES, end_of
from hmi.link.server import ServerSession, StationFacts
from hmi.station.sessions import Client, Handler
from hmi.station.turned_away import TurnedAway

CLIENTS = 64
"""Most clients at once."""

_log = structlog.get_logger()


class Gateway:
    """All clients of a station."""

    def __init__(
        self,
        facts: StationFacts,
        key: bytes,
        clock: Clock,
        size: int,
        latest: Latest,
        handle: Handler,
        alarms: Callable[[], tuple[list[AlarmRow], int]],
        status: Callable[[], StatusReport],
        refresh: Callable[[Client], None],
        turned_away: TurnedAway,
    ) -> None:
        """`refresh` looks a client's rights up anew; `turned_away` hears of clients that were not admitted."""
        self._facts = facts
        self._key = key
        self._clock = clock
        self._size = size
        self._latest = latest
        self._handle = handle
        self._alarms = alarms
        self._status = status
        self._refresh = refresh
        self._turned_away = turned_away
        self.clients: set[Client] = set()

    def publish(self, scan: int, changed: Batch, rows: list[AlarmRow], not_evaluated: int) -> None:
        """Tells every client what one scan did; waits for nobody."""
        for client in self.clients:
            outbox = client.session.outbox
            outbox.offer(changed)
            if not client.session.may_view:
                outbox.forget_alarms()
            elif outbox.wants_alarm_snapshot:
                outbox.offer_alarm_snapshot(*self._alarms())
            elif not outbox.offer_alarms(rows, not_evaluated):
                client.end("The client is too slow to be told every alarm.")
            client.scanned(scan)

    def tell_alarms(self, rows: list[AlarmRow], not_evaluated: int) -> None:
        """Tells everybody who may view of alarms that have other names or texts."""
        for client in self.clients:
            outbox = client.session.outbox
            if client.session.may_view and not outbox.wants_alarm_snapshot:
                outbox.offer_alarms(rows, not_evaluated)

    def present(self, facts: StationFacts, size: int) -> None:
        """Another configuration is about to run; `size` is its highest catalogue id + 1."""
        self._facts, self._size = facts, max(self._size, size)
        for client in self.clients:
            client.session.present(facts, self._size)

    def retire(self, last: Batch) -> None:
        """Tags are gone; `last` are the rows that say so."""
        for client in self.clients:
            client.session.outbox.retire(last)

    def tell(self, message: Message, to: Callable[[Client], bool] = lambda _: True) -> None:
        """Says something unasked to every client whose handshake is over, or to some of them."""
        for client in self.clients:
            if client.session.is_open and to(client):
                client.send(message)

    def tell_viewers(self, message: Message) -> None:
        """Says something to everybody who may see values."""
        self.tell(message, lambda client: client.session.may_view)

    def refresh_rights(self) -> None:
        """Takes rights away from those who lost them, also from clients that ask for nothing and only look."""
        for client in self.clients:
            try:
                self._refresh(client)
            except LinesideError as error:
                client.end(str(error))  # who may see what cannot be told: nobody is shown anything

    def end_all(self, reason: str) -> None:
        """Says goodbye to everybody."""
        for client in self.clients:
            client.end(reason)

    async def link(self, socket: WebSocket) -> None:
        """Serves one panel or command line."""
        if len(self.clients) >= CLIENTS:
            await socket.close(1013, "Too many clients.")
            return
        await socket.accept()
        nonce = secrets.token_bytes(NONCE_BYTES)
        here = socket.scope.get("server") or ("", 0)
        end = end_of(str(here[0]), int(here[1] or 0))
        session = ServerSession(self._facts, self._key, nonce, end, self._size, self._clock.now().mono)
        client = Client(socket, session, self._clock, self._latest)
        self.clients.add(client)
        try:
            reason = await client.run(self._handle, self._opened)
        finally:
            self.clients.discard(client)
        if session.refused:
            source = socket.client.host if socket.client is not None else "client"
            self._turned_away.tell("client-refused", source, session.refused)
        _log.info("client left", client=session.client, terminal=session.terminal, reason=reason)

    def _opened(self, client: Client) -> None:
        client.session.outbox.offer_alarm_snapshot(*self._alarms())

    async def health(self, _: Request) -> JSONResponse:
        """Whether the scan runs, for a watchdog; no values."""
        report = self._status()
        return JSONResponse({"station": report.station, "scans": report.scans, "uptime_s": report.uptime_s})

    async def metrics(self, _: Request) -> PlainTextResponse:
        """Counts in the Prometheus text format; no values of the plant."""
        return PlainTextResponse("".join(_metric_lines(self._status())), media_type="text/plain; version=0.0.4")

    def app(self, hosts: Iterable[str]) -> ASGIApp:
        """The ASGI application; `hosts` are the names under which it may be reached beside loopback."""
        routes = [
            WebSocketRoute("/link", self.link),
            Route("/health", self.health),
            Route("/metrics", self.metrics),
        ]
        return Doorkeeper(Starlette(routes=routes), frozenset(hosts))


def _metric_lines(report: StatusReport) -> Iterable[str]:
    gauges = {
        "lineside_scans_total": report.scans,
        "lineside_scans_late_total": report.late_scans,
        "lineside_samples_dropped_total": report.dropped,
        "lineside_scan_ms_p95": report.scan_ms_p95,
        "lineside_tags": report.tags,
        "lineside_tags_good": report.good,
        "lineside_clients": report.clients,
        "lineside_rss_mb": report.rss_mb,
        "lineside_history_samples": report.history.get("samples", 0),
        "lineside_history_lost": report.history.get("lost", 0),
    }
    for name, value in gauges.items():
        yield f"{name} {value}\n"
    for name in ("store_p95_ms", "oldest_waiting_ms"):
        if (delay := report.history.get(name)) is not None:
            yield f"lineside_history_{name} {delay}\n"
    for connection in report.connections:
        up = int(connection.state == "up")
        yield f'lineside_connection_up{{connection="{connection.name}"}} {up}\n'
        ages = (("0.5", connection.age_p50_ms), ("0.95", connection.age_p95_ms), ("0.99", connection.age_p99_ms))
        for quantile, age in ages:
            if age is not None:
                labels = f'connection="{connection.name}",quantile="{quantile}"'
                yield f"lineside_connection_age_ms{{{labels}}} {age}\n"


LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})


class Doorkeeper:
    """Refuses foreign Host and Origin headers: loopback is no boundary, any web page can open a socket to it."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = LOOPBACK | {f"[{host}]" if ":" in host else host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets through what names this station and comes from no web page."""
        if scope["type"] in ("http", "websocket") and not self.admits(Headers(scope=scope)):
            _log.warning("foreign request refused", path=scope["path"])
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008, "reason": "foreign Host or Origin"})
            else:
                await PlainTextResponse("Foreign Host or Origin.\n", 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def admits(self, headers: Headers) -> bool:
        """Whether the headers name this station and no foreign page."""
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or _host_name(hosts[0]) not in self._hosts:
            return False
        # Panels and the command line send no Origin; only browsers do, and no page of ours exists yet.
        return not origins


def _host_name(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()
