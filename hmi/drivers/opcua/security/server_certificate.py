"""Whether a server is who it says: the checks of its certificate, each with the sentence that helps."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from hmi.core.errors import LinesideError
from hmi.drivers.opcua.security.trust import TrustList, thumbprint

_LEAST_BITS: Final = 2048
_WEAK_HASHES: Final = frozenset({"md5", "sha1"})


class CertificateError(LinesideError):
    """A certificate that the station does not go along with; somebody has to act."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the certificate must fit."""

    host: str
    """Empty: any host will do."""
    uri: str
    """The server's application URI as its endpoint tells it."""
    now: int
    """ns UTC; 0: any date will do."""


def check_server_certificate(certificate: x509.Certificate, expected: Expected, trust: TrustList) -> None:
    """Goes along with a certificate or says why not; one that is not trusted is kept for the person who decides.

    Raises:
        CertificateError: the first thing that is wrong.
        LinesideError: the trust list cannot be used.
    """
    _check_strength(certificate)
    if not trust.is_trusted(certificate):
        trust.note_rejected(certificate)
        mark = thumbprint(certificate)
        who = certificate.subject.rfc4514_string()
        raise CertificateError(
            f"the server's certificate ({who}, SHA-256 {mark}) is not trusted",
            f"Compare the thumbprint with the server's, then run `hmi trust accept {mark[:16]}`.",
        )
    _check_dates(certificate, expected.now)
    _check_names(certificate, expected)
    _check_usage(certificate)


def _check_strength(certificate: x509.Certificate) -> None:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < _LEAST_BITS:
        raise CertificateError(
            f"the server's certificate has no RSA key of {_LEAST_BITS} bits or more", "Give the server a stronger one."
        )
    algorithm = certificate.signature_hash_algorithm
    if algorithm is None or algorithm.name in _WEAK_HASHES:
        raise CertificateError(
            "the server's certificate is signed with a broken hash", "Give the server a newer certificate."
        )


def _check_dates(certificate: x509.Certificate, now: int) -> None:
    if not now:
        return
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < begins.timestamp() * 1e9:
        raise CertificateError(
            f"the server's certificate is valid from {begins:%Y-%m-%d %H:%M} UTC only",
            "Set the clocks of station and server, or 'check_dates' to false for this connection.",
        )
    if now > ends.timestamp() * 1e9:
        raise CertificateError(
            f"the server's certificate was valid until {ends:%Y-%m-%d %H:%M} UTC",
            "Renew it at the server, or set 'check_dates' to false for this connection.",
        )


def _check_names(certificate: x509.Certificate, expected: Expected) -> None:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names = x509.SubjectAlternativeName([])
    if expected.host and not _names_host(names, expected.host):
        raise CertificateError(
            f"the server's certificate does not name the host '{expected.host}'",
            "Use the name that it has in the endpoint, or set 'check_host' to false for this connection.",
        )
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    if expected.uri not in uris:
        raise CertificateError(
            f"the server's certificate is not that of '{expected.uri}'",
            "Another server's certificate was copied: give this one its own.",
        )


def _names_host(names: x509.SubjectAlternativeName, host: str) -> bool:
    wanted = host.lower()
    try:
        address = ipaddress.ip_address(wanted)
    except ValueError:
        return wanted in (name.lower() for name in names.get_values_for_type(x509.DNSName))
    written = names.get_values_for_type(x509.DNSName)  # Many servers write their address as if it were a name.
    return address in names.get_values_for_type(x509.IPAddress) or wanted in written


def _check_usage(certificate: x509.Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not (usage.digital_signature and usage.key_encipherment):
        raise CertificateError(
            "the server's certificate may not be used for signing and encrypting",
            "Give the server an application certificate.",
        )
