from hypothesis import given
from hypothesis import strategies as st

from hmi.core.project import Project, ProjectFile
from hmi.core.tag import MemorySource, Tag
from hmi.station.tag_table import TagTable

from .fakes import RECIPE, SETPOINT, STOP, TAGS, project, table, tag


def test_the_directory_is_read_by_page_and_words() -> None:
    made = table(project())
    page, total = made.find("LINE", 1, 1)
    assert total == 3
    assert [info.path for info in page] == ["line/sp"]
    assert [info.path for info in made.find("line re", 0, 10)[0]] == ["line/recipe"]
    assert made.find("nothing", 0, 10) == ([], 0)


def test_unknown_paths_are_left_out() -> None:
    assert [info.tag for info in table(project()).infos(["line/sp", "line/none"])] == [SETPOINT]


def test_a_tag_is_writable_only_where_every_switch_is_on() -> None:
    assert table(project()).info(SETPOINT).writable
    assert not table(project(writes=False)).info(SETPOINT).writable
    assert not table(project(device=False)).info(SETPOINT).writable
    assert table(project(device=False)).info(RECIPE).writable  # memory has no device
    assert not table(project(writes=False)).info(RECIPE).writable


def test_what_a_panel_shows_of_a_tag() -> None:
    info = table(project()).info(STOP)
    assert (info.type, info.source, info.address, info.pulse, info.to_safe) == ("bool", "plc", "line/stop", True, True)
    assert info.stepped


def test_ids_may_have_holes() -> None:
    sparse = TagTable(project(), {tag.uid: id_ * 100 for id_, tag in TAGS.items()})
    assert sparse.size == 301


def plain(number: int, path: str) -> Tag:
    return tag(path, uid=f"u{number}", source=MemorySource(), write=None)


def names(known: TagTable) -> list[str]:
    found, total = known.find("", 0, 1000)
    assert total == len(found) == len(known.id_of) == len(known.tags) == len(known.id_by_uid)
    return [info.path for info in found]


PATHS = st.sampled_from([f"{area}/{name}" for area in "abc" for name in "xyz"])


@given(st.dictionaries(st.integers(0, 9), PATHS, max_size=9), st.lists(st.dictionaries(st.integers(0, 12), PATHS)))
def test_an_edited_table_is_one_made_of_the_result(begin: dict[int, str], edits: list[dict[int, str]]) -> None:
    """Whatever is renamed, exchanged, added and dropped, as long as no two tags have one path at the end."""
    tags = {number: path for path, number in {path: number for number, path in begin.items()}.items()}
    whole = Project(ProjectFile(name="L"), {}, tuple(plain(*t) for t in tags.items()))
    known = TagTable(whole, {f"u{n}": n for n in tags})
    for edit in edits:
        wanted: dict[str, int] = {}
        for number, path in {**tags, **edit}.items():
            wanted[path] = number  # who asks last has the path, whoever had it goes
        after = {number: path for path, number in wanted.items()}
        known.put({n: plain(n, path) for n, path in after.items() if tags.get(n) != path})
        known.drop([n for n in tags if n not in after])
        tags = after
        assert names(known) == sorted(tags.values())
        assert known.id_of == {path: n for n, path in tags.items()}


def test_the_nearest_tag_shares_most_of_the_path() -> None:
    tags = tuple(plain(n, p) for n, p in enumerate(("a/x/1", "a/y/1", "b/x/1")))
    known = TagTable(Project(ProjectFile(name="L"), {}, tags), {f"u{n}": n for n in range(3)})
    assert [known.near(p).path for p in ("a/x/2", "a/y/0", "b/zz", "c")] == ["a/x/1", "a/y/1", "b/x/1", "b/x/1"]  # type: ignore[union-attr]
    assert TagTable(Project(ProjectFile(name="L"), {}, ()), {}).near("a") is None
