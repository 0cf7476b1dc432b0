"""A fake station that knows the demo project's tags, some displays and a believable bad moment."""

import json
import math

import msgspec

from hmi.core.quality import Status
from hmi.core.tag import Tag
from hmi.link.messages import ConnectionStatus, JournalRow
from hmi.resources import assets
from tests.helpers_panel.fake_station import UTC, FakeStation, alarm, report

SECOND = 1_000_000_000


def bottling(*, displays: bool = True) -> FakeStation:
    """The demo line with plausible values; some of them bad."""
    station = FakeStation(home="overview")
    for file in sorted((assets() / "demo" / "tags").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            _add(station, msgspec.json.decode(line.encode(), type=Tag))
    if displays:
        _displays(station)
    _alarms(station)
    _journal(station)
    station.status = report(tags=len(station.tags), connections=_connections(), notices=_notices())
    return station


def _add(station: FakeStation, tag: Tag) -> None:
    low, high = tag.range or (0.0, 100.0)
    share = 0.5 + 0.2 * math.sin(len(station.tags))
    value: float | str = round(low + share * (high - low), 3)
    if tag.type == "string":
        value = "Lemonade 0.5 l"
    elif tag.type in ("bool", "enum"):
        value = float(next(iter(tag.states), "1"))
    status = Status.GOOD
    if "vibration" in tag.path:
        status = Status.UNCERTAIN_SENSOR_CALIBRATION
    if "chiller" in tag.path:
        status = Status.BAD_NO_COMMUNICATION
    station.add(
        tag.path,
        value,
        int(status),
        type=tag.type.value,
        unit=tag.unit,
        description=tag.description,
        low=low if tag.range else None,
        high=high if tag.range else None,
        normal_low=tag.normal[0] if tag.normal else None,
        normal_high=tag.normal[1] if tag.normal else None,
        decimals=tag.decimals,
        states=tag.states,
        source=getattr(tag.source, "connection", type(tag.source).__name__.removesuffix("Source").lower()),
        address=getattr(tag.source, "address", ""),
        limits={a.id: a.limit for a in tag.alarms},
        writable=tag.write is not None,
        write_low=tag.write.low if tag.write else None,
        write_high=tag.write.high if tag.write else None,
        write_role=tag.write.role if tag.write else "",
    )


def _displays(station: FakeStation) -> None:
    folder = assets() / "demo" / "displays"
    for file in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        document = json.loads(file.read_text(encoding="utf-8"))
        station.displays[file.stem] = (document["title"], document.get("parent", ""), file.read_bytes())
    if station.displays:
        return
    for name, title, parent, word in (
        ("overview", "Bottling line", "", ""),
        ("mixing", "Mixing", "overview", "mix"),
        ("pasteuriser", "Pasteuriser", "overview", "past"),
        ("utilities", "Utilities", "overview", "util"),
    ):
        station.displays[name] = (title, parent, _document(name, title, parent, _some(station, word)))


def _some(station: FakeStation, word: str) -> list[str]:
    return [path for path in station.tags if word and word in path][:24]


def _document(name: str, title: str, parent: str, paths: list[str]) -> bytes:
    elements = [
        {"kind": "value", "id": f"v{n}", "x": 40 + n % 4 * 380, "y": 60 + n // 4 * 90, "w": 300, "h": 60, "path": path}
        for n, path in enumerate(paths)
    ]
    level = 2 if parent else 1
    document = {"schema": 1, "name": name, "title": title, "parent": parent, "level": level, "size": [1600, 800]}
    return json.dumps({**document, "elements": elements}).encode()


def _alarms(station: FakeStation) -> None:
    alarmed = [path for path, info in station.tags.items() if info.limits]
    rows = (
        (0, 1, "UNACK", 20, "", ""),
        (3, 2, "UNACK", 95, "", ""),
        (5, 3, "ACKED", 700, "anna", "filter changed, watch it"),
        (8, 2, "ACKED", 2_400, "piet", ""),
        (11, 4, "UNACK", 40, "", ""),
        (13, 3, "RTNUN", 320, "", ""),
        (16, 1, "RTNUN", 1_900, "", ""),
    )
    for at, priority, state, age, user, comment in rows:
        path = alarmed[at % len(alarmed)]
        info = station.tags[path]
        name, limit = next(iter(info.limits.items()))
        station.raise_alarm(
            alarm(
                path,
                name,
                priority=priority,
                state=state,
                message=f"{info.description} {'too low' if name.startswith('L') else 'too high'}",
                unit=info.unit,
                value=limit * 1.031,
                limit=limit,
                raised=UTC - age * SECOND,
                changed=UTC - age * SECOND,
                user=user,
                comment=comment,
                response="Open the bypass by hand, then call the shift lead.",
            )
        )
    station.not_evaluated = 12


def _journal(station: FakeStation) -> None:
    rows = list(station.alarms.values())
    for number in range(900, 0, -1):
        row = rows[number % len(rows)]
        what, before, after = (("activate", "NORM", "UNACK"), ("acknowledge", "UNACK", "ACKED"))[number % 2]
        time = UTC - (900 - number) * 37 * SECOND
        user = "anna" if number % 2 else ""
        station.journal.append(
            JournalRow(
                number,
                time,
                row.path,
                row.id,
                what,
                before,
                after,
                row.priority,
                row.value,
                row.limit,
                row.message,
                user,
                "",
            )
        )


def _connections() -> list[ConnectionStatus]:
    up = {"requests": 183_221, "timeouts": 2, "reconnects": 1}
    return [
        ConnectionStatus(
            "process", "opcua", "opc.tcp://127.0.0.1:4840", "up", "", 142, 141, 212.4, 38.0, 96.0, up, 131.0
        ),
        ConnectionStatus("packaging", "modbus", "127.0.0.1:5020", "up", "", 96, 96, 88.1, 61.0, 140.0, up, 212.0),
        ConnectionStatus(
            "utilities",
            "modbus",
            "127.0.0.1:5021",
            "down",
            "Connection refused; next attempt in 4 s.",
            54,
            0,
            0.0,
            None,
            None,
            {"requests": 9_002, "timeouts": 41, "reconnects": 17},
        ),
    ]


def _notices() -> list[str]:
    return [
        "2026-09-21T13:31:04Z connection-down: utilities: connection lost (Connection refused).",
        "2026-09-21T10:02:10Z station-started: The station has started.",
    ]
