from hmi.link.proof import client_proof, proves, station_proof

KEY, OTHER = b"k" * 32, b"o" * 32
CLIENT, STATION = b"c" * 32, b"s" * 32


def test_only_the_same_key_and_nonces_prove() -> None:
    proof = station_proof(KEY, CLIENT, STATION)
    assert proves(proof, station_proof(KEY, CLIENT, STATION))
    assert not proves(proof, station_proof(OTHER, CLIENT, STATION))
    assert not proves(proof, station_proof(KEY, STATION, CLIENT))


def test_a_station_cannot_reuse_a_clients_proof() -> None:
    assert not proves(client_proof(KEY, CLIENT, STATION), station_proof(KEY, CLIENT, STATION))


def test_nothing_proves_nothing() -> None:
    assert not proves(b"", client_proof(KEY, CLIENT, STATION))
    # A nonce of the wrong length must not make an empty proof pass.
    assert client_proof(KEY, b"short", STATION) == b""
    assert not proves(b"", client_proof(KEY, b"short", STATION))
