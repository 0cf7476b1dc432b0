"""A session with a broker: opened, asked, watched, ended; every way it can end has a sentence."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Self

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from hmi.drivers.broker.client import FAILED, BrokerClient, OnMessage, tls_context
from hmi.drivers.broker.endpoint import BrokerOptions, Version
from hmi.drivers.supervisor import LinkLostError

_TAKEN_OVER: Final = 0x8E
_PROBE: Final = "lineside/alive"
"""Never subscribed: a broker answers an unsubscription all the same, and after everything it was sent before."""
_PART: Final = 200
"""Topic filters in one request: small enough for brokers that bound a packet."""


class SessionEndedError(LinkLostError):
    """The broker closed a session that worked; `taken` when it said that another client took it."""

    def __init__(self, what: str, do: str, *, taken: bool) -> None:
        super().__init__(what, do)
        self.taken = taken


class NotPublishedError(Exception):
    """The broker did not take a message; the text says why."""


class DoubtError(Exception):
    """A message was sent and nothing tells whether the broker has it."""


class Session:
    """A connected session; made by `open`, ended by `close`."""

    def __init__(self, name: str, options: BrokerOptions, client: BrokerClient) -> None:
        self._name = name
        self._options = options
        self._client = client
        self._publishing = asyncio.Lock()
        self.is_open = True

    @classmethod
    async def open(
        cls,
        name: str,
        options: BrokerOptions,
        password: str | None,
        folder: Path | None,
        will: aiomqtt.Will | None,
        on_message: OnMessage,
        count: Callable[[str], None],
    ) -> Self:
        """A session on a fresh connection.

        Raises:
            LinkLostError: no broker, or one that refuses the session.
        """
        try:
            tls = await asyncio.to_thread(tls_context, options, folder)
        except (OSError, ValueError) as fault:
            raise LinkLostError(f"{name}: a certificate file cannot be used ({fault}).", "Check its name.") from fault
        client = BrokerClient(options, password, will, tls, on_message, count)
        try:
            await client.enter()
        except (aiomqtt.MqttError, OSError, ValueError) as fault:
            what = f"{name}: no session at {options.url} ({_why(fault)})."
            raise LinkLostError(what, _advice(fault, options)) from fault
        return cls(name, options, client)

    async def subscribe(self, filters: Sequence[str], qos: int) -> list[str]:
        """Asks for topics; returns those that the broker refuses.

        Raises:
            LinkLostError: no answer.
        """
        refused: list[str] = []
        for start in range(0, len(filters), _PART):
            part = filters[start : start + _PART]
            try:
                answers = await self._client.subscribe(self._wanted(part, qos))
            except (aiomqtt.MqttError, OSError, ValueError) as fault:
                raise self._silent(fault) from fault
            codes = [code.value if isinstance(code, ReasonCode) else int(code) for code in answers]
            refused += [topic for topic, code in zip(part, codes, strict=False) if code >= FAILED]
        return refused

    def _wanted(self, part: Sequence[str], qos: int) -> list[tuple[str, int]] | list[tuple[str, SubscribeOptions]]:
        if self._options.version is Version.V5:
            return [(topic, SubscribeOptions(qos=qos)) for topic in part]
        return [(topic, qos) for topic in part]

    async def unsubscribe(self, filters: Sequence[str]) -> None:
        """Asks for topics no longer.

        Raises:
            LinkLostError: no answer.
        """
        for start in range(0, len(filters), _PART):
            try:
                await self._client.unsubscribe(list(filters[start : start + _PART]))
            except (aiomqtt.MqttError, OSError, ValueError) as fault:
                raise self._silent(fault) from fault

    async def probe(self) -> None:
        """Returns when the broker has answered: it lives, and has handled all that was sent before.

        Raises:
            LinkLostError: it did not answer in time.
        """
        await self.unsubscribe([_PROBE])

    async def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> None:
        """Sends one message exactly once and returns when the broker has it; it is never sent again.

        Raises:
            NotPublishedError: nothing was sent, or the broker said no.
            DoubtError: it was sent, but the broker did not answer.
        """
        async with self._publishing:
            if not self.is_open:
                raise NotPublishedError("the connection was lost; nothing was sent")
            self._client.refusal = None
            try:
                await self._client.publish(topic, payload, qos, retain)
                if qos == 0:
                    await self.probe()
            except aiomqtt.MqttCodeError as fault:
                raise NotPublishedError(f"nothing was sent ({fault})") from fault
            except ValueError as fault:
                raise NotPublishedError(f"nothing was sent ({fault})") from fault
            except (aiomqtt.MqttError, OSError, LinkLostError) as fault:
                raise DoubtError("sent, but the broker did not answer") from fault
            if self._client.refusal is not None:
                raise NotPublishedError(f"the broker refused it ({self._client.refusal})")

    async def lost(self) -> None:
        """Never returns; raises when the session has ended.

        Raises:
            LinkLostError: with the reason as far as it is known.
        """
        cause = await self._client.ended()
        self.is_open = False
        raise self._ended(cause) from cause

    def _ended(self, cause: BaseException) -> SessionEndedError:
        code = getattr(cause, "rc", None)
        value = code.value if isinstance(code, ReasonCode) else None
        if value == _TAKEN_OVER:
            return taken_over(self._name, self._options)
        what = f"{self._name}: {self._options.url} closed the connection ({_why(cause)})."
        return SessionEndedError(what, "It is tried again.", taken=False)

    def _silent(self, fault: BaseException) -> LinkLostError:
        what = f"{self._name}: {self._options.url} does not answer ({_why(fault)})."
        return LinkLostError(what, "It is tried again.")

    async def close(self, *, orderly: bool) -> None:
        """Ends the session; without a goodbye the broker publishes the will."""
        self.is_open = False
        await self._client.end(orderly=orderly)


def taken_over(name: str, options: BrokerOptions) -> SessionEndedError:
    """What is told when another client uses the same client id."""
    shown = f"'{options.client_id}'" if options.client_id else "of this station"
    what = f"{name}: another client took the session {shown} at {options.url}."
    return SessionEndedError(what, "Give every client an id of its own (option 'client_id').", taken=True)


def _why(fault: BaseException) -> str:
    text = str(fault) or type(fault).__name__
    known = {
        "Operation timed out": "no answer",
        "timed out": "no answer",
        "[code:128] Unspecified error": "without a reason",
    }
    if "Connection refused" in text and "Errno" in text:
        return "nothing listens there"
    return known.get(text, text)


def _advice(fault: BaseException, options: BrokerOptions) -> str:
    if isinstance(fault, ssl.SSLError) or "certificate" in str(fault).lower() or "SSL" in str(fault):
        return "Check the option 'ca', the name in the broker's certificate and its date."
    if isinstance(fault, MqttConnectError):
        if "version" in str(fault).lower():
            return "Set the option 'version' to '3.1.1'."
        return f"Check user ('{options.user}'), password, client id and the broker's rules."
    return "Check that the broker is running and reachable."
