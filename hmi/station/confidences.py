"""What is between the station and single devices alone: secrets of connections, and whose certificates are believed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from hmi.core.rights import Action as Right
from hmi.core.rights import may
from hmi.drivers.api import Clock
from hmi.link.messages import CertificateRow, Certificates, CommandResult, GetCertificates, SetSecret, TrustCertificate
from hmi.station.secret_store import SecretStore
from hmi.station.trail import Act, Orders, Trail
from hmi.station.who import Who

LONGEST: Final = 10_000
"""Characters of a secret: a key in a file's form is one too."""
_NOT_ALLOWED: Final = "Sign in as an engineer to set up connections."


class Certificate(Protocol):
    """A certificate that a driver has met."""

    @property
    def thumbprint(self) -> str:
        """SHA-256 in hexadecimal."""
        ...

    @property
    def state(self) -> str:
        """`trusted` or `rejected`."""
        ...

    @property
    def subject(self) -> str:
        """Whose it is."""
        ...

    @property
    def begins(self) -> int:
        """Validity, ns UTC."""
        ...

    @property
    def ends(self) -> int:
        """Validity, ns UTC."""
        ...


class TrustList(Protocol):
    """A driver's list of certificates; its methods raise LinesideError with the sentence for the person."""

    def known(self) -> Sequence[Certificate]:
        """Every certificate."""
        ...

    def accept(self, prefix: str) -> Certificate:
        """Trusts the one whose thumbprint begins so."""
        ...

    def reject(self, prefix: str) -> Certificate:
        """Takes trust back."""
        ...


Lists = Mapping[str, Callable[[], TrustList]]
"""The trust list of each driver that has one."""


class Confidences:
    """Sets secrets and trust; a secret can be replaced and never read."""

    def __init__(
        self,
        secrets: SecretStore,
        lists: Lists,
        anew: Callable[[str], bool],
        trail: Trail,
        clock: Clock,
        alarm: Callable[[str], None],
    ) -> None:
        """`anew` makes a running connection again with what was set; False when there is none of this name."""
        self._secrets = secrets
        self._lists = lists
        self._anew = anew
        self._orders = Orders(trail, clock, alarm)

    async def set_secret(self, who: Who, request: SetSecret) -> CommandResult:
        """Keeps a secret option of a connection; empty forgets it."""
        act = Act("secret", f"{request.connection} {request.name}", "")
        why = "" if len(request.value) <= LONGEST else f"A secret has {LONGEST:,} characters at most."
        why = why or ("" if request.connection and request.name else "Name a connection and its option.")

        def work() -> str:
            self._secrets.put(request.connection, request.name, request.value)
            return f"{request.name} of {request.connection} was {'set' if request.value else 'forgotten'}."

        result = await self._carried_out(who, request, act, why, work)
        if result.state == "done":
            self._anew(request.connection)
        return result

    async def certificates(self, request: GetCertificates) -> Certificates:
        """Certificates that devices showed to a driver; none of a driver without a trust list.

        Raises:
            LinesideError: the list cannot be read.
        """
        make = self._lists.get(request.driver)
        known = [] if make is None else await asyncio.to_thread(lambda: make().known())
        return Certificates(
            request.request,
            [
                CertificateRow(one.thumbprint, one.subject, "", "", one.begins, one.ends, one.state == "trusted")
                for one in known
            ],
        )

    async def trust(self, who: Who, request: TrustCertificate) -> CommandResult:
        """Accepts or rejects a device's certificate."""
        what = "trust" if request.trust else "distrust"
        act = Act(what, f"certificate {request.thumbprint} of {request.driver}", "")
        make = self._lists.get(request.driver)
        why = "" if make is not None else f"The driver {request.driver!r} knows no certificates."

        def work() -> str:
            if make is None:
                raise AssertionError("it was refused before")
            one = make().accept(request.thumbprint) if request.trust else make().reject(request.thumbprint)
            return f"{one.subject} is {'trusted' if request.trust else 'not trusted any more'}."

        return await self._carried_out(who, request, act, why, work)

    async def _carried_out(
        self, who: Who, request: SetSecret | TrustCertificate, act: Act, why: str, work: Callable[[], str]
    ) -> CommandResult:
        if not may(who.role, Right.CONFIGURE):
            why = _NOT_ALLOWED
        return await self._orders.carry_out(who, request, act, why, lambda: asyncio.to_thread(work))
