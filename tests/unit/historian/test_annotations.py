"""What people wrote is found by its span and its tag, and nothing they wrote is ever gone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.historian import catalogue as module
from hmi.historian.annotations import LONGEST, Annotation, Annotations, Span, Text
from hmi.historian.api import StoreError
from hmi.historian.catalogue import Catalogue
from hmi.historian.schema import Schema
from hmi.historian.sqlite import close, connect_writer


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path) as opened:
        opened.ids_for([("a", "line/a", False, False), ("b", "line/b", False, False)], 1)
        yield opened


def numbers(found: list[Annotation]) -> list[int]:
    return [a.id for a in found]


def test_an_annotation_says_who_what_and_when(catalogue: Catalogue, tmp_path: Path) -> None:
    notes = Annotations(catalogue)
    number = notes.annotate("  Filter changed. ", "ann", 500, 100, 200, tag=1)
    with Catalogue(tmp_path, readonly=True) as other:
        (found,) = Annotations(other).find(Span())
    assert found == Annotation(number, 1, 100, 200, (Text("ann", 500, "Filter changed."),))
    assert found.now.text == "Filter changed."


def test_an_edit_keeps_the_former_text_and_a_deletion_is_a_mark(catalogue: Catalogue) -> None:
    notes = Annotations(catalogue)
    number = notes.annotate("Jam", "ann", 1, 5, 5)
    notes.edit(number, "Jam at the capper", "bob", 2)
    assert [a.now for a in notes.find(Span())] == [Text("bob", 2, "Jam at the capper")]
    notes.delete(number, "eve", 3)
    notes.delete(number, "eve", 4)
    assert notes.find(Span()) == []
    (gone,) = notes.find(Span(deleted=True))
    assert gone.deleted
    assert gone.history == (Text("ann", 1, "Jam"), Text("bob", 2, "Jam at the capper"), Text("eve", 3, None))
    notes.edit(number, "Jam after all", "bob", 5)
    assert [a.now.text for a in notes.find(Span())] == ["Jam after all"]


def test_a_span_finds_what_touches_it_and_a_tag_its_own_and_the_lines(catalogue: Catalogue) -> None:
    notes = Annotations(catalogue)
    of_a = notes.annotate("a", "ann", 1, 10, 20, tag=1)
    of_b = notes.annotate("b", "ann", 1, 15, 15, tag=2)
    of_line = notes.annotate("line", "ann", 1, 0, 100)
    assert numbers(notes.find(Span())) == [of_line, of_a, of_b]
    assert numbers(notes.find(Span(20, 30))) == [of_line, of_a]
    assert numbers(notes.find(Span(21, 30))) == [of_line]
    assert numbers(notes.find(Span(15, 15))) == [of_line, of_a, of_b]
    assert numbers(notes.find(Span(tags={2}))) == [of_line, of_b]
    assert numbers(notes.find(Span(tags=()))) == [of_line]
    assert numbers(notes.find(Span(101, 200))) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": " \n"}, "needs a text"),
        ({"text": "x" * (LONGEST + 1)}, "too long"),
        ({"end": 9}, "before its start"),
        ({"tag": 77}, "no tag with the number 77"),
    ],
)
def test_what_cannot_be_meant_is_refused(catalogue: Catalogue, change: dict[str, object], words: str) -> None:
    given_: dict[str, object] = {"text": "x", "who": "ann", "written": 1, "start": 10, "end": 10}
    notes = Annotations(catalogue)
    with pytest.raises(StoreError, match=words):
        notes.annotate(**(given_ | change))  # type: ignore[arg-type]
    assert notes.find(Span(deleted=True)) == []


def test_an_annotation_that_is_not_there_is_a_sentence(catalogue: Catalogue) -> None:
    notes = Annotations(catalogue)
    for act in (lambda: notes.edit(5, "x", "ann", 1), lambda: notes.delete(5, "ann", 1)):
        with pytest.raises(StoreError, match="no annotation 5"):
            act()


def test_a_catalogue_from_before_annotations_has_none_and_gets_the_tables(tmp_path: Path) -> None:
    connection = connect_writer(tmp_path / "catalogue.db")
    Schema(module._SCHEMA.name, module._SCHEMA.steps[:1]).migrate(connection)
    close(connection)
    with Catalogue(tmp_path, readonly=True) as old:
        assert Annotations(old).find(Span()) == []
    with Catalogue(tmp_path) as renewed:
        assert Annotations(renewed).annotate("x", "ann", 1, 1, 1) == 1


MOMENT = st.integers(0, 20)
PLACES = st.lists(st.tuples(MOMENT, MOMENT, st.sampled_from([None, 1, 2])), max_size=8)


@settings(max_examples=40, deadline=None)
@given(PLACES, MOMENT, MOMENT, st.none() | st.sets(st.integers(1, 3)))
def test_finding_equals_looking_at_each(
    tmp_path_factory: pytest.TempPathFactory,
    places: list[tuple[int, int, int | None]],
    start: int,
    end: int,
    tags: set[int] | None,
) -> None:
    folder = tmp_path_factory.mktemp("notes")
    with Catalogue(folder) as catalogue:
        catalogue.ids_for([("a", "a", False, False), ("b", "b", False, False)], 1)
        notes = Annotations(catalogue)
        made = [
            (notes.annotate("x", "ann", 1, min(a, b), max(a, b), tag), min(a, b), max(a, b), tag)
            for a, b, tag in places
        ]
        found = set(numbers(notes.find(Span(start, end, tags))))
    touched = {n for n, a, b, tag in made if a <= end and b >= start and (tags is None or tag is None or tag in tags)}
    assert found == touched
