"""One alarm in words, the same in banner, list and tool tips."""

from __future__ import annotations

from hmi.core.look import DASHES
from hmi.core.quality import is_bad
from hmi.link.messages import AlarmRow
from hmi.panel.painting.words import number


def is_discrete(row: AlarmRow) -> bool:
    """Whether the alarm watches an on/off signal: its message says everything, numbers would only puzzle."""
    return not row.unit and row.limit in (0, 1) and row.value in (0, 1)


def measured(row: AlarmRow) -> str:
    """`93.4 °C (limit 92 °C)`, empty for an on/off signal."""
    return "" if is_discrete(row) else f"{value_of(row)} (limit {limit_of(row)})"


def value_of(row: AlarmRow) -> str:
    """The value at the last transition with its unit, dashes when it was Bad."""
    if is_bad(row.status):
        return DASHES
    return f"{_short(row.value)} {row.unit}".strip()


def limit_of(row: AlarmRow) -> str:
    """The limit with its unit."""
    return f"{_short(row.limit)} {row.unit}".strip()


def alarm_sentence(row: AlarmRow) -> str:
    """`Product too hot  pasteuriser/tt101 HH  93.4 °C (limit 92 °C)`."""
    message = f"{row.message}  " if row.message else ""
    return f"{message}{row.path} {row.id}  {measured(row)}".rstrip()


def _short(value: float) -> str:
    text = number(value, 2)
    return text.rstrip("0").rstrip(".") if "." in text else text
