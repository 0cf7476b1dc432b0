import pytest

from hmi.core.tag import ConnectionSource, ExpressionSource, ManualSource, MemorySource, Source, Tag, TagType, Write

DEVICE = ConnectionSource("plc", "a")


@pytest.mark.parametrize(
    ("type_", "source", "write", "given", "stepped"),
    [
        (TagType.FLOAT, DEVICE, None, None, False),  # a measurement moves between its samples
        (TagType.FLOAT, ExpressionSource("1"), None, None, False),
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
