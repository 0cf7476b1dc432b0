"""A file is checked whole before anything is written: every finding has its line and column."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hmi.historian.backfill.content import Content, check_file
from hmi.historian.backfill.findings import UnusableFileError
from hmi.historian.backfill.targets import Targets
from hmi.historian.catalogue import Catalogue
from hmi.historian.tag_names import TagNames

HEAD = "tag,time,value,status\n"
Check = Callable[..., Content]


@pytest.fixture
def check(tmp_path: Path) -> Iterator[Check]:
    """Checks a text against a store with a tag of numbers, one of texts and one that was renamed."""
    with Catalogue(tmp_path) as catalogue:
        catalogue.ids_for([("n", "line/level", False, False), ("t", "line/state", True, True)], 1)
        catalogue.ids_for([("r", "line/old", False, False)], 1)
        catalogue.ids_for([("r", "line/new", False, False)], 2)

        def check(content: str, *, create: bool = False) -> Content:
            path = tmp_path / "x.csv"
            path.write_text(content, "utf-8")
            return check_file(path, Targets(TagNames(catalogue), create=create), lambda _: None)

        yield check


def findings(check: Check, content: str, *, create: bool = False) -> list[str]:
    with pytest.raises(UnusableFileError) as caught:
        check(content, create=create)
    return [str(finding) for finding in caught.value.findings.first]


def test_what_a_file_holds(check: Check) -> None:
    content = check(
        HEAD + "line/level,5,1.5,\nline/state,-3,on,Good\nline/old,7,,BadNoData\nline/new,1,2,\nu,1,1,\n", create=True
    )
    assert (content.rows, content.lines, content.first, content.last) == (5, 6, -3, 7)
    assert [(t.name, None if t.tag is None else t.tag.uid) for t in content.targets.list] == [
        ("line/level", "n"),
        ("line/state", "t"),
        ("line/old", "r"),
        ("line/new", "r"),
        ("u", None),
    ]


def test_a_uid_names_a_tag_too_and_the_status_may_be_missing(check: Check) -> None:
    content = check("value,tag,time\n1.5,n,5\n")
    assert [t.tag.path for t in content.targets.list if t.tag is not None] == ["line/level"]


def test_a_file_without_rows_is_none_the_worse(check: Check) -> None:
    content = check(HEAD)
    assert (content.rows, content.lines, content.first) == (0, 1, None)


def test_findings_come_by_line_with_their_column(check: Check) -> None:
    content = (
        HEAD
        + "line/levle,1970-01-01T00:00:00Z,1,Good\n"  # 2
        + "line/level,1970-01-01T00:00:00,1,Good\n"  # 3
        + 'line/level,5,"1,5",Good\n'  # 4
        + "line/level,5,,Good\n"  # 5
        + "line/level,5,,Bad\n"
        + 'line/state,5,"a\nb",Gud\n'  # 7
        + "line/state,5\n"  # 9
        + "line/level,5,on,Good\n"  # 10
        + "line/levle,5,1,Good\n"  # the same wrong name is told once
    )
    assert findings(check, content) == [
        "line 2, tag: there is no tag 'line/levle' in the store. Did you mean line/level?",
        "line 3, time: '1970-01-01T00:00:00' does not say its offset: add Z for UTC, or e.g. +01:00",
        "line 4, value: '1,5' is no number, and line/level has numbers: write the decimal point as a point",
        "line 5, value: there is no value; only a Bad sample may be without one (an empty text is written as ')",
        "line 7, status: 'Gud' is no status: write a name such as Good or Bad_NoData, or the number of the code",
        "line 9: 2 cells instead of 4",
        "line 10, value: 'on' is no number, and line/level has numbers",
    ]


def test_the_first_twenty_and_a_count(check: Check) -> None:
    content = HEAD + "line/level,never,1,\n" * 150_000
    with pytest.raises(UnusableFileError, match="150000 errors; nothing was imported") as caught:
        check(content)
    assert [finding.line for finding in caught.value.findings.first] == list(range(2, 22))


def test_unknown_names_are_few_sentences_however_many_there_are(check: Check) -> None:
    content = HEAD + "".join(f"line/x{at},1,1,\n" for at in range(30_000))
    with pytest.raises(UnusableFileError, match="30000 errors") as caught:
        check(content)
    assert len(caught.value.findings.first) == 20


@pytest.mark.parametrize(
    ("rows", "is_text", "stepped"),
    [
        ("u,1,1,\nu,2,0,\nu,3,,Bad\n", False, True),
        ("u,1,1,\nu,2,0.5,\n", False, False),
        ("u,1,inf,\nu,2,nan,\nu,3,-0.0,\n", False, True),
        ("u,1,1,\nu,2,on,\n", True, True),
        ("u,1,on,\nu,2,1.5,\n", True, True),
        ("u,1,'12,\n", True, True),
        ("u,1,,Bad\n", False, True),
    ],
)
def test_a_new_tag_gets_its_type_from_all_its_values(check: Check, rows: str, is_text: bool, stepped: bool) -> None:
    entries = check(HEAD + rows, create=True).targets.entries()
    assert [(path, *kind) for _, path, *kind in entries] == [("u", is_text, stepped)]
    assert len(entries[0][0]) == 12


def test_new_uids_are_never_the_same(check: Check) -> None:
    content = check(HEAD + "u,1,1,\nv,1,1,\n", create=True)
    uids = [uid for _ in range(2) for uid, *_ in content.targets.entries()]
    assert len(set(uids)) == 4


@pytest.mark.parametrize("name", ["=cmd", "a//b", "system/station/scan", ""])
def test_not_every_name_can_be_made(check: Check, name: str) -> None:
    assert findings(check, HEAD + f"{name},1,1,\n", create=True)[0].startswith("line 2, tag: ")
