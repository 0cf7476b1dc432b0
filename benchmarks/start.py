"""How long a person waits: from the start of a panel's process to its first painted window, and to the first live page.

The baseline is a process that shows an empty Qt window. Both are whole processes, imports and all, painted into memory.
"""

import statistics
import subprocess
import sys
import time

from benchmarks._line import demo_line
from benchmarks.report import Report, main

BARE = """
import sys, time
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        print("painted", time.time(), flush=True)
application = QApplication(sys.argv)
window = Window()
window.resize(1366, 768)
window.show()
application.exec()
"""

PANEL = """
import sys, time
from hmi.panel import app, main_window
from hmi.panel.displays import canvas
def announcing(kind, method, word, condition):
    plain = getattr(kind, method)
    def announced(self, event):
        plain(self, event)
        if condition(self):
            print(word, time.time(), flush=True)
    setattr(kind, method, announced)
announcing(main_window.MainWindow, "paintEvent", "painted", lambda self: True)
def live(painted):
    page = painted.parentWidget()
    while page is not None and not hasattr(page, "is_ready"):
        page = page.parentWidget()
    return page is not None and page.is_ready()
announcing(canvas.Canvas, "paintEvent", "live", live)
from hmi.cli.address import key_file_for
url = sys.argv[1]
app.run(url + "/link", lambda: key_file_for(url))
"""


def wait_for(words: set[str], *arguments: str) -> dict[str, float]:
    """Seconds from the process's start until it prints each word."""
    began = time.time()
    command = [sys.executable, "-c", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    found: dict[str, float] = {}
    try:
        assert process.stdout is not None
        for line in process.stdout:
            word, _, stamp = line.partition(" ")
            if word in words:
                found.setdefault(word, float(stamp) - began)
            if words <= set(found):
                return found
        raise RuntimeError(f"{arguments} ended before it said {words - set(found)}")
    finally:
        process.kill()
        process.communicate()


def measure(quick: bool) -> Report:
    rounds = 3 if quick else 9
    bare: list[float] = []
    panel: list[dict[str, float]] = []
    with demo_line() as line:
        for _ in range(rounds):  # in turn, so that a busy moment hits both
            bare.append(wait_for({"painted"}, BARE)["painted"])
            panel.append(wait_for({"painted", "live"}, PANEL, line.url))
    return Report(
        "start",
        figures={
            "window_s": statistics.median(p["painted"] for p in panel),
            "live_s": statistics.median(p["live"] for p in panel),
        },
        baseline={"window_s": statistics.median(bare)},
        goals={"window_s": ("<=", 2.0)},
    )


if __name__ == "__main__":
    main(measure)
