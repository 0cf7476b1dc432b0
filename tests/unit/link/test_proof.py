import pytest

from hmi.link.proof import client_proof, end_of, proves, station_proof

KEY, OTHER = b"k" * 32, b"o" * 32
CLIENT, STATION = b"c" * 32, b"s" * 32
END = end_of("127.0.0.1", 8470)


def test_only_the_same_key_and_nonces_prove() -> None:
    proof = station_proof(KEY, CLIENT, STATION, END)
    assert proves(proof, station_proof(KEY, CLIENT, STATION, END))
    assert not proves(proof, station_proof(OTHER, CLIENT, STATION, END))
    assert not proves(proof, station_proof(KEY, STATION, CLIENT, END))


def test_a_station_cannot_reuse_a_clients_proof() -> None:
    assert not proves(client_proof(KEY, CLIENT, STATION, END), station_proof(KEY, CLIENT, STATION, END))


def test_nothing_proves_nothing() -> None:
    assert not proves(b"", client_proof(KEY, CLIENT, STATION, END))
    # A nonce of the wrong length must not make an empty proof pass.
    assert client_proof(KEY, b"short", STATION, END) == b""
    assert not proves(b"", client_proof(KEY, b"short", STATION, END))


@pytest.mark.parametrize("other", [("127.0.0.1", 8471), ("127.0.0.2", 8470), ("::1", 8470)])
def test_another_end_of_the_connection_proves_nothing(other: tuple[str, int]) -> None:
    for proof in (station_proof, client_proof):
        assert not proves(proof(KEY, CLIENT, STATION, end_of(*other)), proof(KEY, CLIENT, STATION, END))
        assert not proves(proof(KEY, CLIENT, STATION, ""), proof(KEY, CLIENT, STATION, ""))


def test_both_sides_write_an_end_alike() -> None:
    assert end_of("::ffff:127.0.0.1", 8470) == END  # a socket for both families speaks of IPv4 like this
    assert end_of("FE80:0:0:0:0:0:0:1%eth0", 1) == end_of("fe80::1", 1)
    assert end_of("localhost", 8470) == end_of("", 0) == ""
