"""The driver that docs/plugins.md writes in an afternoon is one: its code runs as it stands on the page."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from hmi.drivers.plugin.trial import tried
from hmi.drivers.registry import available, load

ROOT = Path(__file__).resolve().parents[3]
FILES = ("plugin.toml", "__init__.py", "driver.py", "tests/test_conformance.py")


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    """The page's files, as its reader would have made them."""
    page = (ROOT / "docs" / "plugins.md").read_text("utf-8")
    for name in FILES:
        [code] = re.findall(rf"^`{re.escape(name)}` .*?```\w+\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        file = tmp_path / "plugins" / "probe" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code, "utf-8")
    for place in (tmp_path / "plugins", *(tmp_path / "plugins").rglob("*")):
        place.chmod(place.stat().st_mode & ~0o022)
    return tmp_path / "plugins"


def test_a_station_takes_it(plugins: Path) -> None:
    drivers, faults = load(["probe"], available(plugins), tried)
    assert faults == {}
    assert drivers["probe"].name == "probe"


def test_it_passes_its_own_tests(plugins: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto"]
    command += ["-o", "asyncio_default_fixture_loop_scope=function"]
    ran = subprocess.run(
        [*command, "-W", "error", "--import-mode=importlib", str(plugins / "probe")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]
    assert "16 passed" in ran.stdout
