"""The library's client, with what the library keeps to itself: reasons of answers, and a way to end it for certain."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import aiomqtt
from aiomqtt.types import PahoSocket
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY, DisconnectFlags, MQTTMessage
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from hmi.drivers.broker.endpoint import BrokerOptions, Version

OnMessage = Callable[[str, bytes, bool], None]
"""(topic, payload, retained) of one message."""

FAILED: Final = 0x80
"""Answers from here on mean no."""


class BrokerClient(aiomqtt.Client):
    """One use of the library: connected once, closed once."""

    def __init__(
        self, options: BrokerOptions, password: str | None, will: aiomqtt.Will | None, tls: ssl.SSLContext | None,
        on_message: OnMessage, count: Callable[[str], None],
    ) -> None:  # fmt: skip
        newest = options.version is Version.V5
        super().__init__(
            options.host,
            options.port,
            username=options.user or None,
            password=password,
            logger=_quiet(count),
            identifier=options.client_id or None,
            protocol=aiomqtt.ProtocolVersion.V5 if newest else aiomqtt.ProtocolVersion.V311,
            # Nothing may be kept for a station that is away: what it missed is old when it returns.
            clean_session=None if newest else True,
            clean_start=True if newest else MQTT_CLEAN_START_FIRST_ONLY,
            will=will,
            keepalive=options.keepalive,
            timeout=options.timeout,
            tls_context=tls,
        )
        self._hand_on = on_message
        self.refusal: ReasonCode | None = None
        """Why the broker did not take the last message that was published."""
        self._fault: Exception | None = None
        """What went wrong while a message was handled: a mistake of ours, not of the broker."""
        self._gone: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self._client.connect_timeout = options.timeout

    def _on_message(self, _client: PahoClient, _userdata: Any, message: MQTTMessage) -> None:
        # Handled at once and not queued: TCP holds the broker back, and no buffer here can overflow.
        try:
            self._hand_on(message.topic, bytes(message.payload), message.retain)
        except UnicodeDecodeError:
            self._logger.warning("a topic is no text")
        except Exception as fault:
            # The library would log it and go on; it has to end the connection and be seen.
            self._fault = fault
            raise

    def _on_disconnect(
        self,
        _client: PahoClient,
        _userdata: Any,
        _flags: DisconnectFlags,
        reason_code: ReasonCode,
        _properties: Properties | None = None,
    ) -> None:
        # The library forgets an end that comes right behind the beginning, and then waits for another one.
        self._end(aiomqtt.MqttCodeError(reason_code))

    def _end(self, cause: BaseException) -> None:
        if not self._gone.done():
            self._gone.set_result(cause)

    async def ended(self) -> BaseException:
        """Waits for the end of the connection; the cause.

        Raises:
            Exception: a message could not be handled, by a mistake of ours.
        """
        ends: set[asyncio.Future[Any]] = {self._gone, self._disconnected}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if self._fault is not None:
            raise self._fault
        if self._gone.done():
            return self._gone.result()
        return self._disconnected.exception() or aiomqtt.MqttError("closed")

    def _on_publish(
        self, client: PahoClient, userdata: Any, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        if reason_code.value >= FAILED:
            self.refusal = reason_code
        super()._on_publish(client, userdata, mid, reason_code, properties)

    def _on_socket_register_write(self, _client: PahoClient, _userdata: Any, sock: PahoSocket) -> None:
        def add() -> None:
            # The library registers a socket that a goodbye may have closed meanwhile; its number can be another's then.
            if sock.fileno() >= 0:
                self._loop.add_writer(sock.fileno(), self._write)

        self._loop.call_soon_threadsafe(add)

    def _write(self) -> None:
        try:
            self._client.loop_write()
        except (OSError, ValueError) as fault:
            if not self._disconnected.done():
                self._disconnected.set_exception(fault)

    async def enter(self) -> None:
        """Connects.

        Raises:
            aiomqtt.MqttError, OSError, ValueError: it could not; nothing of it is left.
        """
        early = self._disconnected
        entering = asyncio.ensure_future(self.__aenter__())
        try:
            await asyncio.shield(entering)
        except BaseException:
            # A thread of the library connects and cannot be stopped halfway; it gives up after `timeout`.
            while not entering.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait({entering})
            if not entering.cancelled():
                entering.exception()
            await self.end(orderly=True)
            raise
        if early.done():
            self._end(early.exception() or aiomqtt.MqttError("closed"))

    async def end(self, *, orderly: bool) -> None:
        """Closes the connection; `orderly` says goodbye, so that the broker throws the will away."""
        if orderly:
            self._client.disconnect()
            # Only queued so far; what a full socket does not take now is not worth waiting for.
            self._client.loop_write()
        # After a time-out or with a full socket the library leaves it open.
        self._client._sock_close()
        if self._disconnected.done() and not self._disconnected.cancelled():
            self._disconnected.exception()
        if self._misc_task is not None:
            self._misc_task.cancel()
            await asyncio.gather(self._misc_task, return_exceptions=True)


def _quiet(count: Callable[[str], None]) -> logging.Logger:
    """A logger that only counts: what the library says of lost links and garbage, the driver tells its own way."""
    logger = logging.Logger("lineside.broker", logging.WARNING)

    def take(_record: logging.LogRecord) -> bool:
        count("library_warnings")
        return False

    logger.addFilter(take)
    return logger


class _HonestSocket(ssl.SSLSocket):
    """Closed when its handshake fails; the library forgets it then."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def tls_context(options: BrokerOptions, folder: Path | None) -> ssl.SSLContext | None:
    """The encryption that the endpoint asks for; file names are below `folder` unless they are absolute.

    Raises:
        OSError: a file is missing or no certificate.
    """
    if not options.tls:
        return None
    base = folder or Path()
    context = ssl.create_default_context(cafile=str(base / options.ca) if options.ca else None)
    context.sslsocket_class = _HonestSocket
    if options.certificate:
        context.load_cert_chain(base / options.certificate, base / options.key)
    return context
