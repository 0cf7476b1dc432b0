import pytest

from hmi.core.project import KEEP, HistorySettings, Retention


def test_tags_without_a_group_belong_to_the_default_one() -> None:
    year = Retention(max_age_days=365)
    settings = HistorySettings({"default": year})
    assert settings.retention("") == settings.retention("default") == year


def test_the_default_group_keeps_five_years_unless_said_otherwise() -> None:
    assert HistorySettings().retention("") == KEEP == Retention(max_age_days=1825)
    assert HistorySettings({"default": Retention()}).retention("") == Retention()


def test_other_groups_keep_what_they_say() -> None:
    settings = HistorySettings({"energy": Retention(max_bytes=10**9)})
    assert settings.retention("energy") == Retention(None, 10**9)
    with pytest.raises(KeyError):
        settings.retention("slow")
