from pathlib import Path

from hmi.core.rights import Role
from hmi.station.sign_in import SignIns
from hmi.station.turned_away import TurnedAway
from hmi.station.users import Users

from .fakes import FakeClock

PASSWORD = "correct horse 7"


class Bench:
    """A front desk that knows ann, with its audit trail and event journal in lists."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.audited: list[str] = []
        self.events: list[tuple[str, str, str]] = []
        users = Users(folder, {"ann": "operator"})
        users.set_password("ann", PASSWORD)
        away = TurnedAway(self.clock, lambda *line: self.events.append(line))
        self.desk = SignIns(users, self.clock, self.record, away)

    async def record(self, user: str, terminal: str, result: str) -> None:
        self.audited.append(result)

    async def guess(self) -> str:
        role, sentence = await self.desk.sign_in("ann", "guess", "panel at pc")
        assert role is Role.NONE
        return sentence


async def test_a_wrong_password_is_a_sentence_an_audit_record_and_an_event(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    assert await bench.guess() == "User name or password is wrong."
    assert bench.audited == ["refused: wrong user or password"]
    [(kind, source, text)] = bench.events
    assert (kind, source) == ("sign-in-refused", "panel at pc")
    assert "'ann'" in text


async def test_an_attempt_too_soon_is_told_once_a_minute_however_often_it_comes(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    said = [await bench.guess() for _ in range(50)]
    assert said[-1].startswith("Too many wrong passwords: wait 1 s")
    assert [kind for kind, _, _ in bench.events] == ["sign-in-refused", "sign-in-held-off"]
    assert bench.audited == ["refused: wrong user or password"] * 3 + ["refused: too many wrong passwords"]


async def test_the_right_password_is_no_event(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    assert await bench.desk.sign_in("ann", PASSWORD, "panel at pc") == (Role.OPERATOR, "")
    assert bench.audited == ["signed in"]
    assert not bench.events
