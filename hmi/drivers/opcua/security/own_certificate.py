"""The station's own application certificate: made at first use, the same for all OPC UA connections of a station."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hmi.core.errors import LinesideError
from hmi.drivers.opcua.security.files import write_private

_CERTIFICATE: Final = "certificate.der"
_KEY: Final = "key.pem"
_BITS: Final = 3072
_YEARS: Final = 10
"""Every renewal means that somebody walks to each server and trusts the new one."""


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """Certificate and key, and the application URI that the certificate names."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    uri: str


def own_certificate(folder: Path, now: int) -> OwnCertificate:
    """The station's certificate, made where there is none yet; `now` in ns UTC.

    Raises:
        LinesideError: it cannot be read or written, others can read the key, or it has run out.
    """
    own = folder / "own"
    certificate, key = own / _CERTIFICATE, own / _KEY
    try:
        if not own.exists():
            _make(own, now)
        if os.name == "posix" and key.stat().st_mode & 0o077:
            raise LinesideError(f"The key {key} can be read by others.", f"Run `chmod 600 {key}`.")
        return _load(certificate.read_bytes(), key.read_bytes(), now)
    except (OSError, ValueError, x509.ExtensionNotFound, IndexError) as fault:
        what = f"The station's own certificate in {own} cannot be used ({fault})."
        raise LinesideError(what, "Delete that folder to have it made anew, and trust it at the servers.") from fault


def _load(certificate: bytes, key: bytes, now: int) -> OwnCertificate:
    own = x509.load_der_x509_certificate(certificate)
    secret = serialization.load_pem_private_key(key, None)
    if not isinstance(secret, rsa.RSAPrivateKey) or secret.public_key() != own.public_key():
        raise ValueError("certificate and key do not belong together")
    if own.not_valid_after_utc.timestamp() * 1e9 <= now:
        raise ValueError(f"it was valid until {own.not_valid_after_utc:%Y-%m-%d}")
    names = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return OwnCertificate(own, secret, names.get_values_for_type(x509.UniformResourceIdentifier)[0])


def _make(own: Path, now: int) -> None:
    """Both files at once, so that connections which begin together cannot mix theirs."""
    secret = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    pem = secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    own.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(prefix="own.", dir=own.parent) as making:
        made = Path(making) / own.name
        write_private(made / _KEY, pem)
        write_private(made / _CERTIFICATE, _signed(secret, now).public_bytes(serialization.Encoding.DER))
        try:
            made.rename(own)
        except OSError:
            if not own.exists():
                raise  # Not because another connection was first.


def _signed(key: rsa.RSAPrivateKey, now: int) -> x509.Certificate:
    host = socket.gethostname()
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "Lineside"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lineside station"),
        ]
    )
    begin = datetime.fromtimestamp(now / 1e9, UTC)
    uri, dns = x509.UniformResourceIdentifier(f"urn:{host}:lineside:station"), x509.DNSName(host)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A server whose clock is a little behind must not find it not yet valid.
        .not_valid_before(begin - timedelta(days=1))
        .not_valid_after(begin + timedelta(days=365 * _YEARS))
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .add_extension(x509.SubjectAlternativeName([uri, dns]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=True,
        data_encipherment=True,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
