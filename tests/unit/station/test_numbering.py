from pathlib import Path

from hmi.core.tag import History, MemorySource, Tag, TagType
from hmi.historian.catalogue import Catalogue
from hmi.station.numbering import numbers_of


def tag(uid: str, path: str, group: str) -> Tag:
    return Tag(uid=uid, path=path, type=TagType.FLOAT, source=MemorySource(default=0.0), history=History(group=group))


def test_a_tag_keeps_its_number_under_another_name_and_its_group_is_noted(tmp_path: Path) -> None:
    first = numbers_of([tag("u1", "a/x", "energy"), tag("u2", "a/y", "")], tmp_path, 1)
    then = numbers_of([tag("u2", "b/y", "energy"), tag("u3", "a/y", "")], tmp_path, 2)
    assert then["u2"] == first["u2"]
    assert len({*first.values(), *then.values()}) == 3
    with Catalogue(tmp_path, readonly=True) as catalogue:
        assert catalogue.groups() == {first["u1"]: "energy", then["u2"]: "energy", then["u3"]: ""}
        assert catalogue.id_of("b/y") == first["u2"]
