"""Screenshots of every page: starts the demo line without a panel, waits until it is well, renders, stops.

`python -m tools.shots DIR [--scenario NAME] [--seconds N]`; the pictures in docs/images are renewed from DIR.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HMI = (sys.executable, "-m", "hmi")
READY_WITHIN = 60.0
IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
"""Pictures that documents show."""


def main() -> int:
    """Render into DIR; 0 when every page was rendered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scenario", default="normal")
    parser.add_argument("--seconds", type=float, default=60.0, help="let the line run so long first, for the trends")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "LINESIDE_DATA": data, "QT_QPA_PLATFORM": "offscreen"}
        line = subprocess.Popen([*HMI, "demo", "--headless", "--scenario", options.scenario], env=environment)
        try:
            if not _is_well(line, environment):
                sys.stderr.write("The demo line did not come up: its ports may be in use.\n")
                return 1
            time.sleep(options.seconds)
            rendered = subprocess.call([*HMI, "panel", "--shots", str(options.folder)], env=environment)
        finally:
            line.terminate()
            line.wait()
    for picture in IMAGES.glob("*.png"):
        if (options.folder / picture.name).is_file():
            shutil.copyfile(options.folder / picture.name, picture)
    return rendered


def _is_well(line: subprocess.Popen[bytes], environment: dict[str, str]) -> bool:
    """Whether nearly every tag is Good before the time is over."""
    end = time.monotonic() + READY_WITHIN
    while time.monotonic() < end and line.poll() is None:
        asked = subprocess.run([*HMI, "status", "--json"], env=environment, capture_output=True, check=False)
        if asked.returncode == 0:
            report = json.loads(asked.stdout)
            if report["tags"] and report["good"] >= 0.99 * report["tags"]:
                return True
        time.sleep(1)
    return False


if __name__ == "__main__":
    sys.exit(main())
