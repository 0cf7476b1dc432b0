"""The store learns from the project which group each tag's history belongs to, and how long it is kept."""

from hmi.core.project import KEEP, HistorySettings, Retention
from hmi.core.tag import History, MemorySource, Tag, TagType
from hmi.station.history_groups import HistoryGroups


def tag(path: str, group: str) -> Tag:
    return Tag(uid=path, path=path, type=TagType.FLOAT, source=MemorySource(default=0.0), history=History(group=group))


def test_tags_are_filed_by_their_group() -> None:
    energy = Retention(max_age_days=3650)
    groups = HistoryGroups(HistorySettings(groups={"energy": energy}))
    assert groups.options.retention == {"default": KEEP, "energy": energy}
    tags = (tag("a", "energy"), tag("b", ""))
    groups.put(dict(enumerate(tags, 1)))
    assert [groups.options.group_of(number) for number in (1, 2, 3)] == ["energy", "default", "default"]
