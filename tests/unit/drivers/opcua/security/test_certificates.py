"""The station's own certificate, the trust list, and what is said of a server's certificate."""

import stat
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from cryptography import x509

from hmi.core.errors import LinesideError
from hmi.drivers.opcua.security.own_certificate import own_certificate
from hmi.drivers.opcua.security.server_certificate import CertificateError, Expected, check_server_certificate
from hmi.drivers.opcua.security.trust import TrustList, TrustState, thumbprint
from tests.helpers_drivers.opcua_certificates import DAY, a_certificate, a_key

NOW = datetime.now(UTC)
URI = "urn:lineside:rich:server"
FITS = Expected("127.0.0.1", URI, time.time_ns())


@pytest.fixture(scope="module")
def key():
    return a_key()


@pytest.fixture
def trust(tmp_path):
    return TrustList(tmp_path)


def test_own_certificate_is_made_once_and_for_its_owner_only(tmp_path):
    made = own_certificate(tmp_path, time.time_ns())
    again = own_certificate(tmp_path, time.time_ns())
    assert made.certificate == again.certificate
    names = made.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [made.uri]
    assert made.key.key_size >= 2048
    file = tmp_path / "own" / "key.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    with pytest.raises(LinesideError, match="chmod"):
        own_certificate(tmp_path, time.time_ns())


def test_connections_that_begin_together_share_one(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: own_certificate(tmp_path, time.time_ns()), range(4)))
    assert len({thumbprint(one.certificate) for one in made}) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["own"]


@pytest.mark.parametrize("file", ["certificate.der", "key.pem"])
def test_a_damaged_own_certificate_is_said(tmp_path, file):
    own_certificate(tmp_path, time.time_ns())
    (tmp_path / "own" / file).write_bytes(b"rubbish")
    with pytest.raises(LinesideError, match="Delete"):
        own_certificate(tmp_path, time.time_ns())


def test_own_certificate_runs_out(tmp_path):
    own_certificate(tmp_path, time.time_ns())
    with pytest.raises(LinesideError, match="valid until"):
        own_certificate(tmp_path, time.time_ns() + 11 * 365 * 86_400 * 10**9)


def test_unknown_is_rejected_until_somebody_accepts_it(trust, key):
    certificate = a_certificate(key)
    with pytest.raises(CertificateError, match="not trusted") as refusal:
        check_server_certificate(certificate, FITS, trust)
    assert thumbprint(certificate) in refusal.value.what
    assert "hmi trust accept" in refusal.value.do
    (waiting,) = trust.known()
    assert (waiting.state, waiting.thumbprint) == (TrustState.REJECTED, thumbprint(certificate))
    trust.accept(waiting.thumbprint[:12].upper())
    check_server_certificate(certificate, FITS, trust)
    assert [known.state for known in trust.known()] == [TrustState.TRUSTED]
    trust.reject(waiting.thumbprint)
    with pytest.raises(CertificateError, match="not trusted"):
        check_server_certificate(certificate, FITS, trust)


def test_accepting_needs_one_certificate(trust, key):
    trust.note_rejected(a_certificate(key))
    for prefix in ("", "zz"):
        with pytest.raises(LinesideError, match="No certificate"):
            trust.accept(prefix)


def test_an_authority_vouches_for_what_it_issued(trust, key):
    authority = a_key()
    root = a_certificate(authority, uri="urn:authority", authority=True)
    trust.add(root)
    check_server_certificate(a_certificate(key, issuer=(root.subject, authority)), FITS, trust)
    forged = a_certificate(key, issuer=(root.subject, a_key()))
    with pytest.raises(CertificateError, match="not trusted"):
        check_server_certificate(forged, FITS, trust)
    other = a_key()
    server = a_certificate(other, uri=URI)
    trust.add(server)
    with pytest.raises(CertificateError, match="not trusted"):
        check_server_certificate(a_certificate(key, issuer=(server.subject, other)), FITS, trust)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ends": NOW - DAY, "begins": NOW - 2 * DAY}, "was valid until"),
        ({"begins": NOW + DAY}, "valid from"),
        ({"host": "10.0.0.9"}, "does not name the host"),
        ({"uri": "urn:another"}, "is not that of"),
        ({"usage": False}, "may not be used"),
    ],
)
def test_what_is_wrong_is_said(trust, key, wrong, sentence):
    certificate = a_certificate(key, **wrong)
    trust.add(certificate)
    with pytest.raises(CertificateError, match=sentence) as refusal:
        check_server_certificate(certificate, FITS, trust)
    assert refusal.value.do


def test_weak_ones_are_refused_before_anybody_can_trust_them(trust):
    with pytest.raises(CertificateError, match="2048 bits"):
        check_server_certificate(a_certificate(a_key(1024)), FITS, trust)
    assert trust.known() == []


def test_what_an_engineer_lets_pass(trust, key):
    certificate = a_certificate(key, host="plc", begins=NOW - 2 * DAY, ends=NOW - DAY)
    trust.add(certificate)
    check_server_certificate(certificate, Expected("", URI, 0), trust)


def test_rejected_ones_do_not_fill_the_disk(trust, key, monkeypatch):
    monkeypatch.setattr("hmi.drivers.opcua.security.trust._MOST_REJECTED", 3)
    for _ in range(5):
        trust.note_rejected(a_certificate(key))
    assert len(trust.known()) == 3
