"""The record is plain CSV and complete at every moment."""

from pathlib import Path

from hmi.softplc.image import Change
from hmi.softplc.points import PACKAGING
from hmi.softplc.recorder import Recorder


def test_rows_can_be_read_while_the_plc_runs(tmp_path: Path) -> None:
    jam = next(point for point in PACKAGING if point.name == "conveyor3.jam")
    file = tmp_path / "served.csv"
    with Recorder(file) as recorder:
        recorder.record("packaging", [Change(jam, True, 0, 1_700_000_000_000_001_000)])
        assert file.read_text(encoding="utf-8").splitlines() == [
            "tag,time,value,status",
            "plant/packaging/conveyor3/jam,1700000000000001000,1,0",
        ]
