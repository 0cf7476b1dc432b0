"""A stopped CPU goes on serving its last values: when a device's program counts as stopped, and when it runs again."""

from hmi.core.heartbeat import Heartbeat
from hmi.core.instants import seconds
from hmi.core.project import ConnectionConfig
from hmi.core.quality import Status

BAD, OVERRIDE = int(Status.BAD_NO_COMMUNICATION), int(Status.GOOD_LOCAL_OVERRIDE)


class Judge:
    """A judge whose times are seconds."""

    def __init__(self, **fields: object) -> None:
        config = ConnectionConfig("modbus", "x", **fields)  # type: ignore[arg-type]  # a table of fields
        self.judge = Heartbeat(config)
        self.link(0)

    def link(self, second: float, *, up: bool = True) -> None:
        self.judge.link(up, seconds(second))

    def beat(self, second: float, value: float, status: int = 0) -> None:
        self.judge.beat(value, status, seconds(second))

    def stopped(self, second: float) -> bool:
        return bool(self.judge.judge(seconds(second)))


def beating() -> Judge:
    judge = Judge(heartbeat="plc/beat", heartbeat_timeout=5.0)
    judge.beat(0, 1.0)
    judge.beat(1, 2.0)
    return judge


def test_a_heartbeat_that_stands_still_stops_the_device() -> None:
    judge = beating()
    assert not judge.stopped(5.9)
    assert judge.judge.judge(seconds(6)) == ("The program of the device is stopped: plc/beat has not changed for 5 s.")
    judge.beat(7, 2.0)
    assert judge.stopped(7)
    judge.beat(8, 3.0)
    assert not judge.stopped(8)
    assert judge.stopped(13)


def test_a_bad_heartbeat_is_none() -> None:
    judge = beating()
    judge.beat(4, 3.0, BAD)
    assert judge.stopped(6)


def test_without_a_heartbeat_nothing_is_judged() -> None:
    assert not Judge().stopped(1000)


def test_while_the_connection_is_away_nothing_new_is_judged() -> None:
    judge = beating()
    judge.link(3, up=False)
    assert not judge.stopped(100)
    judge.link(101)
    judge.beat(102, 2.0)
    assert not judge.stopped(106.9)
    assert judge.stopped(107)
    judge.link(108, up=False)
    assert judge.stopped(109)
    judge.link(110)
    judge.beat(111, 2.0)
    assert judge.stopped(111)
    judge.beat(112, 3.0)
    assert not judge.stopped(112)


def test_a_heartbeat_that_never_comes_has_half_a_minute() -> None:
    judge = Judge(heartbeat="plc/beat", heartbeat_timeout=5.0)
    assert not judge.stopped(29.9)
    assert judge.stopped(30)


def test_the_state_of_the_cpu_counts_at_once() -> None:
    judge = Judge(cpu_state="plc/state", cpu_running=8.0)
    assert not judge.stopped(1000)
    judge.judge.cpu(4.0, 0)
    assert judge.judge.judge(seconds(1000)) == "The program of the device is stopped: plc/state is 4."
    judge.judge.cpu(8.0, BAD)
    assert judge.stopped(1001)
    judge.judge.cpu(8.0, 0)
    assert not judge.stopped(1002)


def test_both_must_be_right() -> None:
    judge = Judge(heartbeat="plc/beat", cpu_state="plc/state")
    judge.judge.cpu(1.0, 0)
    judge.beat(1, 1.0)
    assert not judge.stopped(2)
    assert judge.stopped(6)
    judge.judge.cpu(0.0, 0)
    judge.beat(7, 2.0)
    assert judge.stopped(7)
    judge.judge.cpu(1.0, 0)
    assert not judge.stopped(7)


def test_a_person_can_stand_in_for_the_heartbeat() -> None:
    judge = beating()
    judge.beat(2, 5.0, OVERRIDE)
    assert not judge.stopped(1000)
    judge.beat(1001, 2.0)
    assert not judge.stopped(1005)
    assert judge.stopped(1006)
