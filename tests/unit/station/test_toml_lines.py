import pytest

from hmi.station.toml_lines import line_of

TEXT = """# a file
name = "Line"

[listen]
port = 1  # here
[plc.options]
unit = 3
["a.b"]
driver = "x"
"""


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("name", 2),
        ("listen", 4),
        ("listen.port", 5),
        ("listen.host", 4),
        ("plc.options.unit", 7),
        ("plc.options.other", 6),
        ("a.b.driver", 9),
        ("a.b.endpoint", 8),
        ("nothing", 0),
        ("", 0),
    ],
)
def test_the_nearest_place_that_stands_there_is_found(where: str, line: int) -> None:
    assert line_of(TEXT, where) == line
