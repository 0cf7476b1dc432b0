from hmi.station.tag_table import TagTable

from .fakes import RECIPE, SETPOINT, STOP, TAGS, project, table


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
