"""A name finds the tag a person means, and every tag has a name that finds it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hmi.historian.api import StoreError
from hmi.historian.catalogue import Catalogue
from hmi.historian.tag_names import TagNames


@pytest.fixture
def names(tmp_path: Path) -> Iterator[TagNames]:
    with Catalogue(tmp_path) as catalogue:
        catalogue.ids_for([("uid-a", "line/level", False, False), ("uid-b", "line/old", False, False)], 1)
        catalogue.ids_for([("uid-b", "line/new", False, False)], 2)
        catalogue.ids_for([("uid-c", "line/level", False, False)], 3)  # takes the path of uid-a
        yield TagNames(catalogue)


def uid(names: TagNames, name: str) -> str | None:
    found = names.find(name)
    return None if found is None else found.uid


def test_paths_former_paths_and_uids(names: TagNames) -> None:
    asked = ["line/level", "line/new", "line/old", "uid-a", "uid-b", "line"]
    assert [uid(names, name) for name in asked] == ["uid-c", "uid-b", "uid-b", "uid-a", "uid-b", None]


def test_every_tag_has_a_name_that_finds_it(names: TagNames) -> None:
    assert [name for name, _ in names.all()] == ["uid-a", "line/new", "line/level"]
    assert [uid(names, name) for name, _ in names.all()] == [tag.uid for _, tag in names.all()]


def test_what_comes_near_is_told(names: TagNames, tmp_path: Path) -> None:
    assert names.hint("line/levle") == "Did you mean line/level?"
    assert names.hint("Line/Level") == "Did you mean line/level?"
    assert names.hint("pump/speed") == ""
    with pytest.raises(StoreError, match=r"There is no tag 'line/nwe' in .*\. Did you mean line/new"):
        names.get("line/nwe", tmp_path)
