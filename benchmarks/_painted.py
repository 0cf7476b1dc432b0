"""A real panel that paints into memory and notes how old each value is when its symbol has been painted.

`python -m benchmarks._painted URL SECONDS` prints a JSON list of milliseconds for the display the panel opens with.
"""

import json
import os
import sys
import time

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication

from hmi.cli.address import key_file_for
from hmi.panel.app import build
from hmi.panel.displays.canvas import Canvas


class Ages:
    """Notes the age of every value at its first painting."""

    def __init__(self) -> None:
        self.ms: list[float] = []
        self._known: dict[str, int] = {}

    def painted(self, canvas: Canvas) -> None:
        """Looks at what the canvas has just drawn."""
        now = time.time_ns()
        for symbol in canvas.symbols:
            for path in symbol.paths:
                at = canvas.scene.shown(path).time
                before = self._known.get(path)
                if at and at != before:
                    self._known[path] = at
                    if before is not None:  # the first value was made before anybody asked
                        self.ms.append((now - at) / 1e6)


def main(url: str, seconds: float) -> None:
    application = QApplication([sys.argv[0]])
    ages, paint = Ages(), Canvas.paintEvent

    def paint_and_note(canvas: Canvas, event: QPaintEvent) -> None:
        paint(canvas, event)
        ages.painted(canvas)

    Canvas.paintEvent = paint_and_note  # type: ignore[method-assign,assignment]  # a look from outside, of this process only
    key_file = key_file_for(url)
    panel = build(f"{url}/link", key_file.read_bytes if key_file is not None else lambda: None, application)
    panel.connection.start(panel.stores)
    panel.window.show()
    end = QTimer(application)
    end.setSingleShot(True)
    end.timeout.connect(application.quit)
    end.start(int(seconds * 1000))
    application.exec()
    panel.close()
    print(json.dumps(ages.ms), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
