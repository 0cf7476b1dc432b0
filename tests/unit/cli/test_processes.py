import os
import signal
from pathlib import Path

import pytest

from hmi.cli.processes import RESTARTS, Children
from hmi.core.errors import LinesideError

ENDS = ("timeit", "-n", "1", "-r", "1", "pass")
"""A module that ends at once by itself."""


def test_a_child_that_ends_is_told_in_good_grammar(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        children.start("station", *ENDS)
        with pytest.raises(LinesideError, match=r"^The station ended by itself\. "):
            children.wait(None)


def test_a_child_that_is_started_again_and_again_is_given_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Children(tmp_path) as children:
        children.start("soft PLCs", *ENDS, again=True)
        with pytest.raises(LinesideError, match=f"ended by themselves again, {RESTARTS} times within 60 s"):
            children.wait(None)
    told = capsys.readouterr().err.splitlines()
    assert told == ["The soft PLCs ended by themselves. Starting again."] * RESTARTS


def test_every_sentence_of_a_child_is_handed_on_but_no_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "station.log").write_text("of the last start\n")
    wrong = ("hmi", "history", "info", "--nothing")
    with Children(tmp_path) as children:
        child = children.start("station", *wrong)
        with pytest.raises(LinesideError) as caught:
            children.wait_for_line(child, 30)
    said = str(caught.value).splitlines()
    assert said[-1] == "The station did not start."
    assert said[0].startswith("Usage:")


@pytest.mark.parametrize(("arguments", "failed"), [(ENDS, False), (("timeit", "-n", "1", "raise ValueError"), True)])
def test_a_panel_that_fails_is_told_from_one_that_was_closed(
    tmp_path: Path, arguments: tuple[str, ...], failed: bool
) -> None:
    with Children(tmp_path) as children:
        panel = children.start("panel", *arguments)
        children.wait(None, until=panel)
        assert panel.failed is failed


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_ctrl_c_ends_the_wait_for_a_child_that_does_not_get_ready(tmp_path: Path) -> None:
    interrupts = "os.kill(os.getppid(), signal.SIGINT); time.sleep(50)"
    went_on = False
    with Children(tmp_path) as children:
        child = children.start("station", "timeit", "-n", "1", "-r", "1", "-s", "import os, signal, time", interrupts)
        children.wait_for_line(child, 20)
        went_on = True
    assert not went_on
    assert children.interrupted
    assert child.process.returncode == -signal.SIGTERM
