"""Which servers the station believes: a folder of trusted certificates, and one of those that wait for a person.

Nothing is trusted by being met. A certificate that is not trusted is kept in `rejected`, where somebody with access to
the data folder compares its thumbprint with the server's and accepts it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from hmi.core.errors import LinesideError
from hmi.drivers.opcua.security.files import write_private

_MOST_REJECTED: Final = 50
"""A server that shows a new certificate at every attempt must not fill the disk; the oldest go."""


class TrustState(StrEnum):
    """Which folder a certificate lies in."""

    TRUSTED = "trusted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Known:
    """A certificate that the station has met or been given."""

    thumbprint: str
    """SHA-256 in hexadecimal: what is compared with the server's own display."""
    state: TrustState
    subject: str
    begins: int
    """Validity, ns UTC."""
    ends: int


def thumbprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate in hexadecimal."""
    return certificate.fingerprint(hashes.SHA256()).hex()


class TrustList:
    """The trust list below a driver's folder."""

    def __init__(self, folder: Path) -> None:
        self._folders = {state: folder / state.value for state in TrustState}

    def known(self) -> list[Known]:
        """Every certificate, trusted ones first.

        Raises:
            LinesideError: a folder cannot be read.
        """
        return [_known(certificate, state) for state in TrustState for _, certificate in self._read(state)]

    def is_trusted(self, certificate: x509.Certificate) -> bool:
        """Whether it was accepted itself, or an accepted certificate of an authority has issued it.

        Raises:
            LinesideError: the folder cannot be read.
        """
        trusted = [kept for _, kept in self._read(TrustState.TRUSTED)]
        return certificate in trusted or any(_issued(certificate, kept) for kept in trusted)

    def note_rejected(self, certificate: x509.Certificate) -> None:
        """Keeps a certificate for the person who decides.

        Raises:
            LinesideError: it cannot be written.
        """
        folder = self._folders[TrustState.REJECTED]
        file = folder / f"{thumbprint(certificate)}.der"
        try:
            if file.exists():
                return
            write_private(file, certificate.public_bytes(Encoding.DER))
            oldest_first = sorted(folder.glob("*.der"), key=lambda one: one.stat().st_mtime_ns)
            for surplus in oldest_first[:-_MOST_REJECTED]:
                surplus.unlink(missing_ok=True)
        except OSError as fault:
            raise _unusable(folder, fault) from fault

    def accept(self, prefix: str) -> Known:
        """Trusts a certificate from now on; the connection takes it up at its next attempt.

        Raises:
            LinesideError: no certificate, or more than one, begins so.
        """
        return self._move(prefix, TrustState.TRUSTED)

    def reject(self, prefix: str) -> Known:
        """Takes trust back; connections that are open stay until they are made anew.

        Raises:
            LinesideError: as `accept`.
        """
        return self._move(prefix, TrustState.REJECTED)

    def add(self, certificate: x509.Certificate) -> Known:
        """Trusts a certificate that was brought in a file: a server's, or an authority's.

        Raises:
            LinesideError: it cannot be written.
        """
        folder = self._folders[TrustState.TRUSTED]
        try:
            write_private(folder / f"{thumbprint(certificate)}.der", certificate.public_bytes(Encoding.DER))
        except OSError as fault:
            raise _unusable(folder, fault) from fault
        return _known(certificate, TrustState.TRUSTED)

    def _move(self, prefix: str, to: TrustState) -> Known:
        wanted = prefix.lower().replace(":", "").replace(" ", "")
        found = {
            thumbprint(certificate): (file, certificate)
            for state in TrustState
            for file, certificate in self._read(state)
            if wanted and thumbprint(certificate).startswith(wanted)
        }
        if len(found) != 1:
            count = "More than one certificate begins" if found else "No certificate begins"
            raise LinesideError(f"{count} with '{prefix}'.", "Run `hmi trust list` for the thumbprints.")
        ((name, (file, certificate)),) = found.items()
        target = self._folders[to] / f"{name}.der"
        try:
            write_private(target, certificate.public_bytes(Encoding.DER))
            if file != target:
                file.unlink(missing_ok=True)
        except OSError as fault:
            raise _unusable(target.parent, fault) from fault
        return _known(certificate, to)

    def _read(self, state: TrustState) -> Iterator[tuple[Path, x509.Certificate]]:
        folder = self._folders[state]
        try:
            for file in sorted(folder.glob("*.der")) if folder.exists() else ():
                yield file, x509.load_der_x509_certificate(file.read_bytes())
        except (OSError, ValueError) as fault:
            raise _unusable(folder, fault) from fault


def _known(certificate: x509.Certificate, state: TrustState) -> Known:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    subject = certificate.subject.rfc4514_string()
    return Known(
        thumbprint(certificate), state, subject, int(begins.timestamp()) * 10**9, int(ends.timestamp()) * 10**9
    )


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        if not constraints.ca:
            return False
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, InvalidSignature, ValueError, TypeError):
        return False
    return True


def _unusable(folder: Path, fault: Exception) -> LinesideError:
    return LinesideError(f"The certificates in {folder} cannot be used ({fault}).", "Repair or remove the file.")
