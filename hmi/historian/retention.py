"""How long history is kept: for each retention group by age, by size, or both. Pure: whole months go, oldest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from hmi.core.project import Retention
from hmi.historian import months
from hmi.historian.files import Key


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
    for month, those in groupby(mine, key=lambda file: file[0].month):
        if total <= policy.max_bytes or month >= present:
            break
        for key, size in those:
            gone.append(key)
            total -= size
    return gone
