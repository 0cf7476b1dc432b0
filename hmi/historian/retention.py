"""How long history is kept: for each retention group by age, by size, or both. Pure: whole months go, oldest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from hmi.historian import months
from hmi.historian.api import StoreError
from hmi.historian.files import Key


@dataclass(frozen=True, slots=True)
class Retention:
    """What a group's history may come to; what is None does not count."""

    max_age_days: float | None = None
    """A month goes when its end is older than that."""
    max_bytes: int | None = None
    """The oldest months go until the data files take no more than that; never the present month."""

    def __post_init__(self) -> None:
        """
        Raises:
            StoreError: a limit is negative or no number.
        """
        for limit in (self.max_age_days, self.max_bytes):
            if limit is not None and not (isfinite(limit) and limit >= 0):
                raise StoreError(f"History cannot be kept for a limit of {limit}.", "Give a limit of 0 or more.")


def expired(files: Sequence[tuple[Key, int]], policies: Mapping[str, Retention], now: int) -> list[Key]:
    """The months that the policies let go at a time (ns UTC), oldest first; `files` are given with their bytes.

    A group without a policy is kept for ever.
    """
    found: list[Key] = []
    for group, policy in policies.items():
        mine = sorted((key, size) for key, size in files if key.group == group)
        gone = _aged(mine, policy, now)
        found += gone + _beyond(mine[len(gone) :], policy, now)
    return sorted(found)


def _aged(mine: list[tuple[Key, int]], policy: Retention, now: int) -> list[Key]:
    if policy.max_age_days is None:
        return []
    oldest = now - round(policy.max_age_days * months.DAY)
    return [key for key, _ in mine if months.start_of(key.month + 1) <= oldest]


def _beyond(mine: list[tuple[Key, int]], policy: Retention, now: int) -> list[Key]:
    if policy.max_bytes is None:
        return []
    present, total = months.month_of(now), sum(size for _, size in mine)
    gone: list[Key] = []
    for key, size in mine:
        if total <= policy.max_bytes or key.month >= present:
            break
        gone.append(key)
        total -= size
    return gone
