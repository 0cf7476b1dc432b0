"""Tags the station makes by itself, so that its own health is seen, stored and alarmed like the plant's."""

from __future__ import annotations

from collections.abc import Iterable

from hmi.core.actions import SetValue
from hmi.core.alarm import Alarm, AlarmKind, Priority
from hmi.core.check import OWN_PATH, OWN_UID
from hmi.core.project import ConnectionConfig
from hmi.core.quality import Status
from hmi.core.tag import MemorySource, Tag, TagType
from hmi.station.who import STATION

HISTORY_PATH = f"{OWN_PATH}history/writing"
PROJECT_PATH = f"{OWN_PATH}project/valid"
KEEPING_UP_PATH = f"{OWN_PATH}station/keeping_up"
_LOST_FOR = 3.0
"""Seconds a connection may be away before it is one alarm."""


def connection_path(name: str) -> str:
    """Path of the tag that is true while a connection is up."""
    return f"{OWN_PATH}{name}/connected"


def running_path(name: str) -> str:
    """Path of the tag that is true while a device's program runs, as its heartbeat or its CPU's state tells."""
    return f"{OWN_PATH}{name}/running"


def clock_path(name: str) -> str:
    """Path of the tag that tells by how many seconds a device's clock differs from the station's."""
    return f"{OWN_PATH}{name}/clock offset"


def system_tags(connections: Iterable[tuple[str, ConnectionConfig]]) -> list[Tag]:
    """One to three tags a connection, one each for historian, project and station; each with its alarm."""
    tags: list[Tag] = []
    for name, config in connections:
        tags.append(_connection(name, config))
        if config.heartbeat or config.cpu_state:
            tags.append(_running(name, config))
        if config.clock_tolerance > 0:
            tags.append(_clock(name, config))
    return [*tags, _history(), _project(), _station()]


def _history() -> Tag:
    return _tag(
        f"{OWN_UID}history",
        HISTORY_PATH,
        "The historian writes to its disk",
        {"0": "Stalled", "1": "Writing"},
        Alarm(
            id="stalled",
            kind=AlarmKind.OFF_NORMAL,
            normal=1,
            priority=Priority.HIGH,
            message="History cannot be written",
            cause="The station's disk is full, slow or broken.",
            consequence="Samples wait in memory; when it is full the oldest are lost.",
            response="Free or repair the station's disk.",
        ),
        # It writes until it says otherwise; a connection is lost until it says otherwise.
        default=1.0,
    )


def _project() -> Tag:
    return _tag(
        f"{OWN_UID}project",
        PROJECT_PATH,
        "The station runs the project it was started with",
        {"0": "Last one that ran", "1": "Valid"},
        Alarm(
            id="errors",
            kind=AlarmKind.OFF_NORMAL,
            normal=1,
            priority=Priority.MEDIUM,
            message="The project has errors; the last one that ran was started",
            cause="The project was changed and does not pass `hmi check`.",
            consequence="The station runs as before the change: tags, limits and displays may be older than expected.",
            response="Mend what `hmi check` lists and start the station again.",
        ),
        default=1.0,
    )


def _station() -> Tag:
    return _tag(
        f"{OWN_UID}station",
        KEEPING_UP_PATH,
        "The station keeps up with what comes",
        {"0": "Overloaded", "1": "Keeping up"},
        Alarm(
            id="overloaded",
            kind=AlarmKind.OFF_NORMAL,
            normal=1,
            priority=Priority.MEDIUM,
            message="The station does not keep up",
            cause="More changes come than can be taken, or something else keeps this computer busy.",
            consequence="Values and alarms come late; samples that were dropped are marked as lost in history.",
            response="See in `hmi status` which connection drops: give its tags longer scans or deadbands, or put it "
            "in a driver process.",
        ),
        default=1.0,
    )


def _connection(name: str, config: ConnectionConfig) -> Tag:
    return _tag(
        f"{OWN_UID}connection.{name}",
        connection_path(name),
        f"Connection to {config.description or name}",
        {"0": "Lost", "1": "Up"},
        Alarm(
            id="lost",
            kind=AlarmKind.OFF_NORMAL,
            normal=1,
            on_delay=_LOST_FOR,
            priority=Priority.HIGH,
            message=f"No connection to {config.description or name}",
            cause="The device is off, the cable is out or the network is down.",
            consequence="Its values are not known and nothing can be sent to it.",
            response="Check the device and its network; the station reconnects by itself.",
        ),
    )


def _running(name: str, config: ConnectionConfig) -> Tag:
    return _tag(
        f"{OWN_UID}running.{name}",
        running_path(name),
        f"Program of {config.description or name}",
        {"0": "Stopped", "1": "Runs"},
        Alarm(
            id="stopped",
            kind=AlarmKind.OFF_NORMAL,
            normal=1,
            priority=Priority.HIGH,
            message=f"The program of {config.description or name} is stopped",
            cause="The CPU is in stop or its program hangs; the device answers all the same.",
            consequence="Its values are the last ones before the stop, so they are Bad; nothing is written to it.",
            response="Look at the device; its values come back by themselves when its program runs.",
        ),
        # It runs until it is judged otherwise.
        default=1.0,
    )


def _clock(name: str, config: ConnectionConfig) -> Tag:
    def alarm(id_: str, kind: AlarmKind, limit: float) -> Alarm:
        return Alarm(
            id=id_,
            kind=kind,
            limit=limit,
            deadband=config.clock_tolerance / 4,
            priority=Priority.LOW,
            message=f"The clock of {config.description or name} is {id_}",
            cause="The device's time is not synchronised, or the station's is not.",
            consequence="Its samples and alarms are stamped wrongly beside those of other devices.",
            response="Set the device's clock, or let both follow the plant's time server.",
        )

    return Tag(
        uid=f"{OWN_UID}clock.{name}",
        path=clock_path(name),
        type=TagType.FLOAT,
        source=MemorySource(0.0),
        description=f"Station's clock minus that of {config.description or name}",
        unit="s",
        decimals=1,
        alarms=(
            alarm("behind", AlarmKind.HIGH, config.clock_tolerance),
            alarm("ahead", AlarmKind.LOW, -config.clock_tolerance),
        ),
    )


def _tag(uid: str, path: str, description: str, states: dict[str, str], alarm: Alarm, default: float = 0.0) -> Tag:
    return Tag(
        uid=uid,
        path=path,
        type=TagType.BOOL,
        source=MemorySource(default),
        description=description,
        states=states,
        alarms=(alarm,),
    )


def set_to(tag: int, value: float, status: Status = Status.GOOD) -> SetValue:
    """The action that tells the engine of a system tag's new value; a truth is 0 or 1."""
    return SetValue(tag, float(value), int(status), STATION.user)
