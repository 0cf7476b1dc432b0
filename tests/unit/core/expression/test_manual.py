from pathlib import Path

import pytest

from hmi.core.expression.parser import MAX_HEIGHT, MAX_NESTING, POWER
from hmi.core.expression.signatures import SIGNATURES
from hmi.core.expression.tokens import MAX_TEXT

MANUAL = (Path(__file__).parents[4] / "docs" / "expressions.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(SIGNATURES))
def test_every_function_is_in_the_manual(name: str):
    assert f"`{name}`" in MANUAL or f"`{name}(" in MANUAL


@pytest.mark.parametrize("operator", [*sorted(POWER), "not"])
def test_every_operator_is_in_the_manual(operator: str):
    assert f"`{operator}`" in MANUAL


def test_the_limits_are_those_of_the_manual():
    for limit in (f"{MAX_TEXT:,} characters", f"{MAX_NESTING} levels", f"higher than {MAX_HEIGHT}"):
        assert limit in MANUAL
