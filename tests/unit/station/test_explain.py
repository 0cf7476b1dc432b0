import warnings

import msgspec
import pytest

from hmi.core.project import ConnectionConfig, ProjectFile
from hmi.core.tag import Tag
from hmi.station.explain import explain

GOOD = {"uid": "x", "path": "a/b", "type": "float", "source": {"kind": "memory"}}


def places(document: object, type_: object) -> list[str]:
    return sorted(where for where, _ in explain(document, type_))


def test_every_error_of_a_tag_is_found_with_its_path() -> None:
    wrong = {
        **GOOD,
        "type": "flot",
        "source": {"kind": "connection", "connection": "plc"},
        "alarms": [{"id": "H", "kind": "H"}, {"id": "HH", "kind": "HH", "limit": "x", "priority": 9}],
        "colour": "red",
        "range": [1],
    }
    assert places(wrong, Tag) == [
        "alarms[1].limit",
        "alarms[1].priority",
        "colour",
        "range[1]",
        "source.address",
        "type",
    ]


def test_a_connection_named_like_its_kind_keeps_its_path() -> None:
    wrong = {**GOOD, "source": {"kind": "connection", "connection": 5, "address": "x"}}
    assert places(wrong, Tag) == ["source.connection"]


def test_an_unknown_kind_of_source_lists_the_known_ones() -> None:
    [(where, what)] = explain({**GOOD, "source": {"kind": "mem"}}, Tag)
    assert where == "source"
    assert "'memory'" in what


def test_project_and_connection_files() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert places({"name": 3, "listen": {"port": "a"}}, ProjectFile) == ["listen.port", "name"]
    assert explain({"driver": 3}, ConnectionConfig)[1] == ("endpoint", "is missing")


@pytest.mark.parametrize("document", [GOOD, {**GOOD, "alarms": [{"id": "H", "kind": "H", "limit": 3, "priority": 2}]}])
def test_what_decodes_has_nothing_to_explain(document: dict[str, object]) -> None:
    msgspec.convert(document, Tag)
    assert explain(document, Tag) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({**GOOD, "descripton": "x"}, ("descripton", "is not known here: perhaps description is meant")),
        ({**GOOD, "zzz": 1}, ("zzz", "is not known here")),
        (
            {**GOOD, "alarms": [{"id": "H", "kind": "H", "limit": 3, "priority": 2, "mesage": ""}]},
            ("alarms[0].mesage", "is not known here: perhaps message is meant"),
        ),
        (
            {**GOOD, "source": {"kind": "connection", "connection": "p", "address": "x", "adress": "x"}},
            ("source.adress", "is not known here: perhaps address is meant"),
        ),
    ],
)
def test_a_misspelt_field_is_answered_with_the_nearest(wrong: object, said: tuple[str, str]) -> None:
    assert said in explain(wrong, Tag)
