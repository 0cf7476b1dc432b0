import math

import pytest

from hmi.core.check_history import check_groups, check_history, history_findings
from hmi.core.project import HistorySettings, Retention
from hmi.core.tag import ConnectionSource, History, MemorySource, Source, Tag, TagType

DEVICE = ConnectionSource("plc", "a")


def tag(history: History, type_: TagType = TagType.FLOAT, source: Source = DEVICE, stepped: bool | None = None) -> Tag:
    return Tag(uid="u", path="p", type=type_, source=source, history=history, stepped=stepped)


@pytest.mark.parametrize(
    ("wrong", "where", "words"),
    [
        (tag(History(deadband=-1)), "deadband", "negative"),
        (tag(History(min_interval=-0.5)), "min_interval", "negative"),
        (tag(History(max_interval=-1)), "max_interval", "negative"),
        (tag(History(swinging_door=-0.1)), "swinging_door", "negative"),
        (tag(History(swinging_door=math.nan)), "swinging_door", "number"),
        (tag(History(min_interval=60, max_interval=5)), "min_interval", "60 s is longer than max_interval, 5 s"),
        (tag(History(deadband=1), TagType.STRING), "deadband", "type string"),
        (tag(History(deadband=1), TagType.BOOL), "deadband", "type bool"),
        (tag(History(deadband=1), TagType.ENUM), "deadband", "type enum"),
        (tag(History(swinging_door=1), TagType.STRING), "swinging_door", "type string"),
        (tag(History(swinging_door=1), TagType.BOOL), "swinging_door", "type bool"),
        (tag(History(swinging_door=1), TagType.ENUM), "swinging_door", "type enum"),
        (tag(History(swinging_door=1), TagType.INT, stepped=False), "swinging_door", "type int"),
        (tag(History(swinging_door=1), source=MemorySource()), "swinging_door", "holds"),
        (tag(History(swinging_door=1), stepped=True), "swinging_door", "holds"),
        (tag(History(group="Energy")), "group", "no group name"),
        (tag(History(group="a/b")), "group", "no group name"),
    ],
)
def test_each_mistake_is_found_at_its_place(wrong: Tag, where: str, words: str) -> None:
    [(place, what)] = history_findings(wrong)
    assert place == f"history.{where}"
    assert words in what


@pytest.mark.parametrize(
    "right",
    [
        tag(History()),
        tag(History(deadband=0.5, min_interval=5, max_interval=5, swinging_door=0, group="slow-2_x")),
        tag(History(min_interval=5, max_interval=0), TagType.STRING),
        tag(History(deadband=2), TagType.INT),
        tag(History(store=False)),
    ],
)
def test_policies_that_make_sense(right: Tag) -> None:
    assert list(history_findings(right)) == []


def test_mistakes_of_retention_groups() -> None:
    groups = {
        "default": Retention(max_age_days=0),
        "Slow": Retention(),
        "energy": Retention(max_age_days=math.inf, max_bytes=-1),
        "right": Retention(max_age_days=0.5, max_bytes=1),
    }
    assert [where for where, _ in check_history(HistorySettings(groups))] == [
        "history.groups.default.max_age_days",
        "history.groups.Slow",
        "history.groups.energy.max_age_days",
        "history.groups.energy.max_bytes",
    ]


def test_groups_that_the_project_does_not_have() -> None:
    tags = [tag(History(group=name)) for name in ("", "default", "energy", "slow", "No Name")]
    [(at, where, what)] = check_groups(tags, HistorySettings({"energy": Retention()}))
    assert (at, where) == (3, "history.group")
    assert what == "group 'slow' does not exist in project.toml (known: default, energy)"
