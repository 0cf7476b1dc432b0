import pytest

from hmi.core.alarm import Alarm, AlarmKind
from hmi.core.check import check_tag, check_tags
from hmi.core.project import ConnectionConfig
from hmi.core.tag import ConnectionSource, Feedback, MemorySource, Scaling, Tag, TagType, Write

PLCS = {"plc": ConnectionConfig("modbus", "modbus://host:502")}


def tag(**fields: object) -> Tag:
    base: dict[str, object] = {"uid": "u", "path": "a/b", "type": TagType.FLOAT, "source": MemorySource()}
    return Tag(**{**base, **fields})  # type: ignore[arg-type]  # a table of fields


def limits(**values: float) -> tuple[Alarm, ...]:
    return tuple(Alarm(id=kind, kind=AlarmKind(kind), limit=value) for kind, value in values.items())


@pytest.mark.parametrize(
    ("wrong", "where", "words"),
    [
        (tag(uid=""), "uid", "empty"),
        (tag(uid="system.history"), "uid", "the station's own"),
        (tag(path="system/history/writing"), "path", "its own state"),
        (tag(source=MemorySource("on")), "source.default", "'on' is a text"),
        (tag(path="a//b"), "path", "no tag path"),
        (tag(path="a/{b}"), "path", "no tag path"),
        (tag(source=ConnectionSource("plx", "x")), "source.connection", "'plx' does not exist (known: plc)"),
        (tag(range=(5.0, 5.0)), "range", "below"),
        (tag(normal=(9.0, 1.0)), "normal", "below"),
        (tag(scaling=Scaling((4.0, 4.0), (0.0, 1.0))), "scaling.raw", "slope"),
        (tag(scaling=Scaling((4.0, 20.0), (1.0, 1.0))), "scaling.eu", "written back"),
        (tag(type=TagType.STRING, scaling=Scaling((0.0, 1.0), (0.0, 2.0))), "scaling", "string"),
        (tag(scan=0.0), "scan", "more than 0"),
        (tag(deadband=-1.0), "deadband", "negative"),
        (tag(source=ConnectionSource("plc", "x"), expect=-1.0), "expect", "not negative"),
        (tag(source=ConnectionSource("plc", "x"), frozen=float("nan")), "frozen", "not negative"),
        (tag(expect=5.0), "expect", "made in the station"),
        (tag(source=ConnectionSource("plc", "x"), expect=0.5), "expect", "shorter than the scan, 1 s"),
        (tag(source=ConnectionSource("plc", "x"), type=TagType.STRING, frozen=60.0), "frozen", "a text"),
        (tag(source=ConnectionSource("plc", "x"), frozen=3.0), "frozen", "more than 3 s"),
        (tag(states={"on": "On"}), "states", "whole number"),
        (tag(write=Write(low=5.0, high=1.0)), "write.low", "above"),
        (tag(write=Write(confirm=0)), "write.confirm", "1, 2 or 3"),
        (tag(write=Write(role="boss")), "write.role", "no role"),
        (tag(write=Write(pulse=True)), "write.feedback", "cannot be read back"),
        (tag(write=Write(feedback=Feedback.STATUS)), "write.status_tag", "missing"),
        (tag(alarms=limits(H=1.0) + limits(H=2.0)), "alarms[1].id", "twice"),
        (tag(alarms=limits(H=5.0, HH=4.0)), "alarms[1].limit", "HH 4 must be above H 5"),
        (tag(alarms=limits(L=5.0, H=5.0)), "alarms[1].limit", "H 5 must be above L 5"),
        (tag(alarms=limits(LL=6.0, L=5.0)), "alarms[1].limit", "L 5 must be above LL 6"),
        (tag(type=TagType.STRING, alarms=limits(H=1.0)), "alarms[0].kind", "string"),
        (tag(alarms=(Alarm(id="a/b", kind=AlarmKind.HIGH),)), "alarms[0].id", "contain /"),
        (tag(alarms=(Alarm(id="H", kind=AlarmKind.HIGH, on_delay=-1.0),)), "alarms[0]", "negative"),
    ],
)
def test_each_mistake_is_found_at_its_place(wrong: Tag, where: str, words: str) -> None:
    found = check_tag(wrong, PLCS)
    assert [place for place, _ in found] == [where]
    assert words in found[0][1]


def test_a_deadband_as_wide_as_the_band_is_found() -> None:
    wrong = tag(
        alarms=(
            Alarm(id="L", kind=AlarmKind.LOW, limit=1.0, deadband=4.0),
            Alarm(id="H", kind=AlarmKind.HIGH, limit=5.0, deadband=3.9),
        )
    )
    assert check_tag(wrong, PLCS) == [("alarms[0].deadband", "4 is as wide as the band between L and H (4)")]


@pytest.mark.parametrize("right", [limits(LL=1.0, L=1.0, H=2.0, HH=2.0), limits(H=1.0), limits(LL=0.0, HH=1.0)])
def test_ordered_limits_are_fine(right: tuple[Alarm, ...]) -> None:
    assert check_tag(tag(alarms=right), PLCS) == []


def test_doubles_and_unknown_status_tags_between_tags() -> None:
    tags = [
        tag(),
        tag(uid="v"),
        tag(path="a/c"),
        tag(uid="w", path="a/d", write=Write(feedback=Feedback.STATUS, status_tag="a/e")),
    ]
    found = check_tags(tags)
    assert [(at, where) for at, where, _ in found] == [(1, "path"), (2, "uid"), (3, "write.status_tag")]
