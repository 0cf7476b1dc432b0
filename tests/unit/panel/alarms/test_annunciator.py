"""Which sound the alarms and the link deserve."""

import wave

import pytest

from hmi.link.messages import AlarmRow
from hmi.panel.alarms.annunciator import LINK_TONE, TONES, Annunciator
from hmi.resources import assets
from tests.helpers_panel.fake_station import alarm


@pytest.mark.parametrize(
    ("rows", "priority"),
    [
        ([], 0),
        ([alarm("a", priority=3)], 3),
        ([alarm("a", priority=3), alarm("b", priority=1)], 1),
        ([alarm("a", priority=4)], 0),
        ([alarm("a", state="ACKED")], 0),
        ([alarm("a", state="RTNUN")], 0),
    ],
)
def test_the_highest_unacknowledged_priority_sounds(rows: list[AlarmRow], priority: int) -> None:
    annunciator = Annunciator()
    annunciator.alarms(rows)
    assert annunciator.tone == TONES.get(priority)


def test_silence_lasts_until_something_new_happens() -> None:
    annunciator = Annunciator()
    annunciator.alarms([alarm("a", priority=2, event=5)])
    annunciator.silence()
    assert annunciator.tone is None
    annunciator.alarms([alarm("a", priority=2, event=5)])
    assert annunciator.tone is None
    annunciator.alarms([alarm("a", priority=2, event=7)])  # it returned and came again
    assert annunciator.tone == TONES[2]


def test_a_new_alarm_sounds_with_its_own_priority_while_others_are_silenced() -> None:
    annunciator = Annunciator()
    annunciator.alarms([alarm("a", priority=1)])
    annunciator.silence()
    annunciator.alarms([alarm("a", priority=1), alarm("b", priority=3)])
    assert annunciator.tone == TONES[3]


def test_every_loss_of_the_link_sounds_anew() -> None:
    annunciator = Annunciator()
    annunciator.link(down=True)
    assert annunciator.tone == LINK_TONE
    annunciator.silence()
    annunciator.link(down=True)
    assert annunciator.tone is None
    annunciator.link(down=False)
    annunciator.link(down=True)
    assert annunciator.tone == LINK_TONE


@pytest.mark.parametrize("tone", [LINK_TONE, *TONES.values()], ids=lambda tone: tone.name)
def test_every_tone_has_its_sound_shorter_than_its_repetition(tone: object) -> None:
    name, repeat = tone.name, tone.repeat_ms  # type: ignore[attr-defined]  # a Tone
    with wave.open(str(assets() / "sounds" / f"{name}.wav")) as sound:
        assert 0 < sound.getnframes() / sound.getframerate() * 1_000 < repeat
