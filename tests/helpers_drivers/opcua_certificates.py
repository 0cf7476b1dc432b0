"""Certificates of servers and users as tests need them: right ones, and every way of being wrong."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)


def a_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def a_certificate(
    key: rsa.RSAPrivateKey,
    *,
    uri: str = "urn:lineside:rich:server",
    host: str = "127.0.0.1",
    begins: datetime | None = None,
    ends: datetime | None = None,
    digest: hashes.HashAlgorithm | None = None,
    usage: bool = True,
    issuer: tuple[x509.Name, rsa.RSAPrivateKey] | None = None,
    authority: bool = False,
) -> x509.Certificate:
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Rich server")])
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri)]
    try:
        names.append(x509.IPAddress(ipaddress.ip_address(host)))
    except ValueError:
        names.append(x509.DNSName(host))
    issuer_name, issuer_key = issuer or (name, key)
    key_usage = x509.KeyUsage(usage, usage, usage, usage, False, True, authority, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins or now - DAY)
        .not_valid_after(ends or now + 30 * DAY)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(key_usage, critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .sign(issuer_key, digest or hashes.SHA256())
    )


def pem_of(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def for_server(folder: Path, certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> None:
    """Lays both where the test server finds them."""
    (folder / "server.der").write_bytes(certificate.public_bytes(serialization.Encoding.DER))
    (folder / "server.pem").write_bytes(pem_of(key))
