import pytest

from hmi.core.tag import (
    ConnectionSource,
    ExpressionSource,
    History,
    ManualSource,
    MemorySource,
    Source,
    Tag,
    TagType,
    Write,
)

DEVICE = ConnectionSource("plc", "a")


@pytest.mark.parametrize(
    ("type_", "source", "write", "given", "stepped"),
    [
        (TagType.FLOAT, DEVICE, None, None, True),  # changes are stored: it stood still until the next one
        (TagType.FLOAT, ExpressionSource("1"), None, None, True),
        (TagType.FLOAT, DEVICE, None, False, False),
        (TagType.FLOAT, DEVICE, Write(), None, True),  # a setpoint holds until somebody moves it
        (TagType.FLOAT, MemorySource(), None, None, True),
        (TagType.FLOAT, ManualSource(), None, None, True),
        (TagType.INT, DEVICE, None, None, True),
        (TagType.BOOL, DEVICE, None, None, True),
        (TagType.ENUM, DEVICE, None, None, True),
        (TagType.FLOAT, DEVICE, None, True, True),
        (TagType.FLOAT, DEVICE, Write(), False, False),
    ],
)
def test_what_holds_between_samples(
    type_: TagType, source: Source, write: Write | None, given: bool | None, stepped: bool
) -> None:
    tag = Tag(uid="u", path="p", type=type_, source=source, write=write, stepped=given)
    assert tag.is_stepped is stepped


@pytest.mark.parametrize(("source", "stepped"), [(DEVICE, False), (ManualSource(), True)])
def test_a_swinging_door_leaves_lines_between_its_samples(source: Source, stepped: bool) -> None:
    tag = Tag(uid="u", path="p", type=TagType.FLOAT, source=source, history=History(swinging_door=0.5))
    assert tag.is_stepped is stepped
