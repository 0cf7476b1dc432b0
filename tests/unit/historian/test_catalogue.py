"""A tag keeps its number through renames, and no number is given twice."""

from pathlib import Path

import pytest

from hmi.historian.api import StoreError
from hmi.historian.catalogue import CATALOGUE_NAME, Catalogue
from tests.helpers_historian.ruins import wipe_page


def test_numbers_stay_over_restarts_and_are_never_reused(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as c:
        first = c.ids_for([("a", "x/a", False, False), ("b", "x/b", True, True)], 1)
        assert sorted(first.values()) == [1, 2]
    with Catalogue(tmp_path) as c:
        again = c.ids_for([("b", "x/b", True, True), ("c", "x/c", False, True)], 2)
        assert again == {"b": first["b"], "c": 3}
        assert [(t.uid, t.path, t.is_text, t.stepped) for t in c.tags()] == [
            ("a", "x/a", False, False),
            ("b", "x/b", True, True),
            ("c", "x/c", False, True),
        ]


def test_a_rename_keeps_the_number_and_the_old_name(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as c:
        number = c.ids_for([("a", "old", False, False)], 10)["a"]
        c.ids_for([("a", "new", False, False)], 20)
        assert c.id_of("new") == number
        assert c.id_of("old") == number
        assert [c.id_of("old", at=time) for time in (9, 10, 19, 20)] == [None, number, number, None]
        assert [c.id_of("new", at=time) for time in (19, 20)] == [None, number]
        assert c.id_of("never") is None


def test_two_tags_exchange_their_names(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as c:
        ids = c.ids_for([("a", "p", False, False), ("b", "q", False, False)], 10)
        c.ids_for([("a", "q", False, False), ("b", "p", False, False)], 20)
        assert (c.id_of("p"), c.id_of("q")) == (ids["b"], ids["a"])
        assert (c.id_of("p", at=15), c.id_of("q", at=15)) == (ids["a"], ids["b"])


def test_a_new_tag_takes_the_path_of_a_deleted_one(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as c:
        old = c.ids_for([("a", "p", False, False)], 10)["a"]
        new = c.ids_for([("z", "p", False, False)], 20)["z"]
        assert new != old
        assert c.id_of("p") == new
        assert c.id_of("p", at=12) == old
        assert c.tags()[0].path == "p"


def test_a_changed_type_is_noted(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as c:
        c.ids_for([("a", "p", False, False)], 1)
        c.ids_for([("a", "p", True, True)], 2)
        (tag,) = c.tags()
        assert (tag.is_text, tag.stepped) == (True, True)
        assert c.id_of("p", at=1) == c.id_of("p", at=3) == tag.id


def test_a_reader_works_beside_the_writer(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as c:
        c.ids_for([("a", "p", False, False)], 1)
        with Catalogue(tmp_path, readonly=True) as reader:
            assert reader.id_of("p") == 1
            with pytest.raises(StoreError, match="read-only"):
                reader.ids_for([("b", "q", False, False)], 2)


def test_no_catalogue_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no history"):
        Catalogue(tmp_path, readonly=True)


def test_groups_are_kept_over_a_restart_and_change(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        ids = catalogue.ids_for([("u1", "a", False, False), ("u2", "b", False, False)], 1)
        assert catalogue.groups() == {ids["u1"]: "", ids["u2"]: ""}
        catalogue.keep_groups({ids["u1"]: "energy"})
    with Catalogue(tmp_path) as catalogue:
        assert catalogue.groups() == {ids["u1"]: "energy", ids["u2"]: ""}
        catalogue.keep_groups({ids["u1"]: "", ids["u2"]: "energy"})
        assert catalogue.groups() == {ids["u1"]: "", ids["u2"]: "energy"}


def test_few_tags_are_numbered_and_named_as_many_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit of one tag looks only at that tag; the result must be that of reading the whole table."""
    steps = (
        [("a", "x/1", False, False), ("b", "x/2", False, False), ("c", "x/3", False, False)],
        [("a", "x/2", False, False), ("b", "x/1", False, False)],  # exchanged
        [("d", "x/3", True, True)],  # takes the name of one that is not named
        [("c", "x/4", False, True)],
    )

    def result(folder: Path) -> list[object]:
        folder.mkdir()
        with Catalogue(folder) as c:
            for utc, tags in enumerate(steps):
                ids = c.ids_for(tags, utc)
                c.keep_groups(dict.fromkeys(ids.values(), f"g{utc}"))
            return [c.tags(), c.groups(), c.rows("SELECT id, path, since, until FROM path ORDER BY rowid", {})]

    few = result(tmp_path / "few")
    monkeypatch.setattr("hmi.historian.catalogue._MANY", 0)
    assert few == result(tmp_path / "many")


@pytest.mark.parametrize("tags", [1, 6000])
def test_groups_that_cannot_be_read_are_told_in_a_sentence(tmp_path: Path, tags: int) -> None:
    with Catalogue(tmp_path) as c:
        c.ids_for([("a", "x", False, False)], 1)
    wipe_page(tmp_path / CATALOGUE_NAME, "tag")
    with Catalogue(tmp_path) as c, pytest.raises(StoreError, match="damaged"):
        c.keep_groups(dict.fromkeys(range(1, tags + 1), "short"))
