"""The chain of the audit trail shows every kind of tampering."""

from dataclasses import replace

import pytest

from hmi.historian.audit import AuditEntry, AuditRecord, Head, seal, verify

ENTRY = AuditEntry("anna", "operator", "pc1", "write", "line/speed", old=1.5, new=True, unit="1/min", reason="slow")


def chain(count: int) -> tuple[list[AuditRecord], Head]:
    head, records = Head(), []
    for i in range(count):
        records.append(seal(replace(ENTRY, new=i), 1000 + i, i, head))
        head = Head(records[-1].seq, records[-1].hash)
    return records, head


def test_a_whole_chain_has_nothing_wrong() -> None:
    records, head = chain(5)
    assert [r.seq for r in records] == [1, 2, 3, 4, 5]
    assert list(verify(records, head, head)) == []
    assert list(verify([], Head(), None)) == []


def test_a_head_file_behind_after_a_power_cut_is_no_fault() -> None:
    records, head = chain(5)
    assert list(verify(records, head, Head(3, records[2].hash))) == []


@pytest.mark.parametrize("field", ["utc", "mono", "user", "role", "station", "action", "object", "old", "new", "unit"])
def test_an_edit_is_found(field: str) -> None:
    records, head = chain(5)
    changed = 7 if field in ("utc", "mono") else '"x"'
    records[2] = replace(records[2], **{field: changed})  # type: ignore[arg-type]  # the field decides the type
    assert any("Record 3 was changed" in line for line in verify(records, head, head))


def test_an_edit_with_a_new_hash_is_found_by_the_next_record() -> None:
    records, head = chain(5)
    records[2] = seal(replace(ENTRY, new=999), 1002, 2, Head(2, records[1].hash))
    assert any("Record 4 does not follow" in line for line in verify(records, head, head))


def test_a_deleted_record_is_found() -> None:
    records, head = chain(5)
    del records[2]
    assert any("After record 2 comes record 4" in line for line in verify(records, head, head))


def test_an_inserted_record_is_found() -> None:
    records, head = chain(5)
    records.insert(2, seal(ENTRY, 1001, 1, Head(2, records[1].hash)))
    assert list(verify(records, head, head))


def test_exchanged_records_are_found() -> None:
    records, head = chain(5)
    records[1], records[2] = records[2], records[1]
    assert list(verify(records, head, head))
    records, head = chain(5)
    records[1], records[2] = replace(records[2], seq=2), replace(records[1], seq=3)
    assert list(verify(records, head, head))


def test_a_cut_off_end_is_found() -> None:
    records, head = chain(5)
    assert any("its end is missing" in line for line in verify(records[:3], head, head))
    short = Head(3, records[2].hash)
    assert any("named in the file" in line for line in verify(records[:3], short, head))
    assert any("file with the end of the trail is missing" in line for line in verify(records[:3], short, None))


def test_records_added_behind_the_head_are_found() -> None:
    records, head = chain(3)
    forged = [*records, seal(ENTRY, 2000, 9, head)]
    assert any("its end" in line or "records were written" in line for line in verify(forged, head, head))


def test_a_rewritten_chain_is_found_by_the_file() -> None:
    _, head = chain(3)
    other: list[AuditRecord] = []
    at = Head()
    for _ in range(3):
        other.append(seal(replace(ENTRY, user="eve"), 5, 5, at))
        at = Head(other[-1].seq, other[-1].hash)
    assert list(verify(other, at, at)) == []
    assert any("named in the file" in line for line in verify(other, at, head))


def test_values_keep_their_type() -> None:
    kinds = [1, 1.0, True, "1", None, float("nan")]
    assert len({seal(replace(ENTRY, old=v), 0, 0, Head()).old for v in kinds}) == len(kinds)
