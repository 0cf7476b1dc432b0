"""Options out of a table of fields: every mistake is a sentence with the option's name."""

import pytest

from hmi.drivers.api import AddressError, OptionField
from hmi.drivers.options import read_fields

FIELDS = (
    OptionField("speed", "Help.", 1.5, 0.5, 10),
    OptionField("tries", "Help.", 1, 0, 5),
    OptionField("mode", "Help.", "a", choices=("a", "b")),
    OptionField("note", "Help.", ""),
    OptionField("on", "Help.", False),
    OptionField("free", "Help.", 0.0),
    OptionField("word", "Help.", "", secret=True),
)


def test_what_is_not_given_is_the_default_and_what_is_has_the_fields_type():
    assert read_fields(FIELDS, {}) == {"speed": 1.5, "tries": 1, "mode": "a", "note": "", "on": False, "free": 0.0}
    read = read_fields(FIELDS, {"speed": 2, "tries": 3.0, "mode": "b", "note": "x", "on": True, "free": -1e9})
    assert read == {"speed": 2.0, "tries": 3, "mode": "b", "note": "x", "on": True, "free": -1e9}
    assert (type(read["speed"]), type(read["tries"])) == (float, int)


@pytest.mark.parametrize(
    ("name", "value"),
    [("speed", 0.4), ("speed", "2"), ("speed", True), ("speed", float("nan")), ("tries", 1.5), ("tries", 6),
     ("mode", "c"),
     ("mode", 1), ("note", 1), ("on", 1), ("on", "yes"), ("sped", 1)],
)  # fmt: skip
def test_mistakes(name, value):
    with pytest.raises(AddressError) as refusal:
        read_fields(FIELDS, {name: value})
    assert f"'{name}'" in refusal.value.what
    assert refusal.value.do


def test_a_secret_does_not_belong_into_a_project_and_is_not_repeated():
    with pytest.raises(AddressError, match="hmi secret set") as refusal:
        read_fields(FIELDS, {"word": "hidden", "sped": 1})
    assert "'word'" in refusal.value.what
    assert "hidden" not in str(refusal.value)


def test_a_misspelt_option_is_told_those_that_a_project_may_have():
    with pytest.raises(AddressError) as refusal:
        read_fields(FIELDS, {"sped": 1})
    assert refusal.value.do == "Options: speed, tries, mode, note, on, free."
