"""What expires: whole months, the oldest first, never more than the policy asks for."""

from hypothesis import given
from hypothesis import strategies as st

from hmi.core.project import Retention
from hmi.historian import months
from hmi.historian.files import Key
from hmi.historian.months import DAY
from hmi.historian.retention import expired

JUNE = (2026 - 1970) * 12 + 5
MID_JUNE = months.start_of(JUNE) + 14 * DAY


def half_a_year(group: str = "default", size: int = 100) -> list[tuple[Key, int]]:
    return [(Key(month, group), size) for month in range(JUNE - 5, JUNE + 1)]


def gone(files: list[tuple[Key, int]], now: int = MID_JUNE, **policies: Retention) -> list[str]:
    return [str(key) for key in expired(files, policies, now)]


def test_without_a_policy_nothing_goes() -> None:
    assert gone(half_a_year()) == []
    assert gone(half_a_year(), default=Retention()) == []
    assert gone(half_a_year(), other=Retention(max_age_days=0)) == []


def test_a_month_goes_when_its_end_is_older_than_the_age() -> None:
    policy = Retention(max_age_days=45)  # 15 June less 45 days is 1 May
    assert gone(half_a_year(), default=policy)[-1] == "default/2026-04.db"
    assert gone(half_a_year(), MID_JUNE - 1, default=policy)[-1] == "default/2026-03.db"


def test_an_age_of_nothing_leaves_the_present_month() -> None:
    assert len(gone(half_a_year(), default=Retention(max_age_days=0))) == 5


def test_by_size_the_oldest_go_until_the_group_fits() -> None:
    assert gone(half_a_year(), default=Retention(max_bytes=400)) == ["default/2026-01.db", "default/2026-02.db"]
    assert gone(half_a_year(), default=Retention(max_bytes=600)) == []


def test_the_present_month_and_later_ones_stay_however_large() -> None:
    files = [*half_a_year(), (Key(JUNE + 900, "default"), 10**12)]  # of a device whose clock is ahead
    left = {str(key) for key, _ in files} - set(gone(files, default=Retention(max_bytes=0)))
    assert left == {"default/2026-06.db", "default/2101-06.db"}


def test_age_and_size_together_and_each_group_by_itself() -> None:
    files = half_a_year("fast") + half_a_year("slow", 1)
    policies = {"fast": Retention(max_age_days=110, max_bytes=300), "slow": Retention(max_age_days=110)}
    found = gone(files, MID_JUNE, **policies)
    assert [name for name in found if name.startswith("slow")] == ["slow/2026-01.db"]
    assert [name for name in found if name.startswith("fast")] == [f"fast/2026-0{n}.db" for n in (1, 2, 3)]


FILES = st.lists(
    st.tuples(st.integers(JUNE - 30, JUNE + 3), st.sampled_from(["a", "b"]), st.integers(0, 1000)),
    unique_by=lambda f: f[:2],
)
POLICY = st.builds(
    Retention,
    max_age_days=st.none() | st.floats(0, 900),
    max_bytes=st.none() | st.integers(0, 9000),
)


@given(FILES, POLICY)
def test_what_goes_is_older_than_what_stays_and_no_more_than_needed(
    files: list[tuple[int, str, int]], policy: Retention
) -> None:
    listed = [(Key(month, group), size) for month, group, size in files]
    found = expired(listed, {"a": policy}, MID_JUNE)
    mine = sorted((key, size) for key, size in listed if key.group == "a")
    assert found == [key for key, _ in mine[: len(found)]]
    assert all(key.month < JUNE for key in found)
    stays = mine[len(found) :]
    past = [key for key, _ in stays if key.month < JUNE]
    if policy.max_bytes is not None and past:
        assert sum(size for _, size in stays) <= policy.max_bytes
    if policy.max_age_days is not None:
        oldest = MID_JUNE - policy.max_age_days * DAY
        assert all(months.start_of(key.month + 1) > oldest - 1000 for key, _ in stays)
    if found and policy.max_bytes is not None:
        by_age = policy.max_age_days is not None and (
            months.start_of(found[-1].month + 1) <= MID_JUNE - policy.max_age_days * DAY + 1000
        )
        last = dict(mine)[found[-1]]
        assert by_age or sum(size for _, size in stays) + last > policy.max_bytes


def test_the_parts_of_a_month_go_together() -> None:
    files = [*half_a_year(), (Key(JUNE - 5, "default", 1), 100), (Key(JUNE - 5, "default", 2), 100)]
    whole = ["default/2026-01.db", "default/2026-01.1.db", "default/2026-01.2.db"]
    assert gone(files, default=Retention(max_bytes=750)) == whole
    assert gone(files, default=Retention(max_age_days=120)) == [*whole]
