"""Sets up a client for a secured channel: the server's endpoint, its certificate checked, our own shown."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from asyncua import ua
from asyncua.client.client import Client
from asyncua.crypto import security_policies
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from hmi.core.errors import LinesideError
from hmi.drivers.opcua.options import PASSWORD, USER_CERTIFICATE, USER_KEY, Identity, Mode, OpcUaOptions, Security
from hmi.drivers.opcua.security.own_certificate import own_certificate
from hmi.drivers.opcua.security.server_certificate import CertificateError, Expected, check_server_certificate
from hmi.drivers.opcua.security.trust import TrustList

_POLICIES: Final[Mapping[Security, type[security_policies.SecurityPolicy]]] = {
    Security.BASIC256_SHA256: security_policies.SecurityPolicyBasic256Sha256,
    Security.AES128_SHA256_RSA_OAEP: security_policies.SecurityPolicyAes128Sha256RsaOaep,
    Security.AES256_SHA256_RSA_PSS: security_policies.SecurityPolicyAes256Sha256RsaPss,
}
_MODES: Final = {
    Mode.SIGN: ua.MessageSecurityMode.Sign,
    Mode.SIGN_AND_ENCRYPT: ua.MessageSecurityMode.SignAndEncrypt,
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the station has to show and to keep."""

    folder: Path | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


async def secure(client: Client, options: OpcUaOptions, credentials: Credentials, now: int) -> None:
    """Prepares a client that is not yet connected for the channel that the options want; `now` in ns UTC.

    Raises:
        LinesideError: what somebody has to mend, e.g. a certificate that is not trusted.
        FAULTS: the server does not answer or sends nonsense.
    """
    if options.security is Security.NONE:
        return
    if credentials.folder is None:
        raise LinesideError("there is no folder for the station's certificate", "Run it with a data folder.")
    # Making a key takes a second, for which nothing else may stand still.
    own = await asyncio.to_thread(own_certificate, credentials.folder, now)
    policy, mode = _POLICIES[options.security], _MODES[options.mode]
    endpoint = _chosen(await client.connect_and_get_server_endpoints(), policy.URI, mode, options)
    certificate = _leaf(endpoint.ServerCertificate)
    expected = Expected(
        (client.server_url.hostname or "") if options.check_host else "",
        endpoint.Server.ApplicationUri or "",
        now if options.check_dates else 0,
    )
    check_server_certificate(certificate, expected, TrustList(credentials.folder))
    client.application_uri = own.uri
    secured: Any = policy(certificate, own.certificate, own.key, mode)
    client.security_policy = secured
    client.uaclient.set_security(secured)


def _chosen(
    endpoints: Sequence[ua.EndpointDescription], uri: str, mode: ua.MessageSecurityMode, options: OpcUaOptions
) -> ua.EndpointDescription:
    for endpoint in endpoints:
        if endpoint.SecurityPolicyUri == uri and endpoint.SecurityMode == mode:
            return endpoint
    offered = sorted({f"{str(e.SecurityPolicyUri).rpartition('#')[2]} {e.SecurityMode.name}" for e in endpoints})
    raise CertificateError(
        f"the server does not offer {options.security} with {options.mode}",
        f"It offers: {', '.join(offered).replace('None_', 'None')}.",
    )


def _leaf(blob: bytes | None) -> x509.Certificate:
    """The server's own certificate; some servers send their whole chain in one piece."""
    data = blob or b""
    length = int.from_bytes(data[2:4], "big") + 4
    try:
        return x509.load_der_x509_certificate(data[:length])
    except ValueError as fault:
        raise CertificateError("the server shows no certificate that can be read", "Give it one.") from fault


def sign_in(client: Client, options: OpcUaOptions, credentials: Credentials) -> dict[str, object]:
    """Arguments of the client's `activate_session`, and its key, for the wanted identity.

    Raises:
        LinesideError: a secret is missing, or the server would make us send a password in the clear.
    """
    if options.identity is Identity.ANONYMOUS:
        return {}
    if options.identity is Identity.PASSWORD:
        password = _secret(credentials, PASSWORD)
        _check_password_stays_secret(client, options)
        return {"username": options.user, "password": password}
    try:
        certificate = x509.load_pem_x509_certificate(_secret(credentials, USER_CERTIFICATE).encode())
        client.user_private_key = serialization.load_pem_private_key(_secret(credentials, USER_KEY).encode(), None)
    except (ValueError, TypeError) as fault:
        raise LinesideError(
            "the user's certificate or key is no PEM text", "Set both with `hmi secret set`."
        ) from fault
    return {"certificate": certificate}


def _check_password_stays_secret(client: Client, options: OpcUaOptions) -> None:
    if options.plain_password or client.security_policy.Mode == ua.MessageSecurityMode.SignAndEncrypt:
        return
    token = client.server_policy(ua.UserTokenType.UserName)
    if token.SecurityPolicyUri in {None, "", security_policies.SecurityPolicyNone.URI}:
        raise LinesideError("the server wants the password in the clear", "Set 'mode' to SignAndEncrypt.")


def _secret(credentials: Credentials, name: str) -> str:
    if not credentials.secrets.get(name):
        raise LinesideError(f"the secret '{name}' is missing", f"Run `hmi secret set CONNECTION {name}`.")
    return credentials.secrets[name]
