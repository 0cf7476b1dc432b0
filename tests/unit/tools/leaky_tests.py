"""Material for test_harness.py: every test leaves one thing behind or does what no test does, unless named clean."""

import asyncio
import atexit
import logging
import os
import socket
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest
import structlog

KEEP: list[object] = []
SLEEPER = "import time; time.sleep(600)"


def test_thread():
    KEEP.append(stop := threading.Event())
    threading.Thread(target=stop.wait, name="leaky", daemon=True).start()


def test_file(tmp_path):
    KEEP.append((tmp_path / "left").open("w"))


def test_descriptor(tmp_path):
    os.open(tmp_path / "left", os.O_CREAT | os.O_RDWR)


def test_socket():
    KEEP.append(socket.socket())


async def test_task():
    KEEP.append(asyncio.create_task(asyncio.sleep(3600)))


def test_task_of_run():
    async def main():
        KEEP.append(asyncio.create_task(asyncio.sleep(3600)))

    asyncio.run(main())


def test_log():
    logging.getLogger("plant").warning("pump %d is hot", 4)


def test_log_not_propagated():
    logger = logging.getLogger("quiet")
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
    logger.error("unseen")


def test_structlog():
    structlog.get_logger().warning("lost 100% of samples", tag="a/b")


def test_log_absent(expect_log):
    expect_log("never", reason="the test drops one")


def test_qt_timer(qapp):
    from PySide6.QtCore import QTimer

    timer = QTimer()
    timer.start(10_000)
    KEEP.append(timer)


def test_qt_thread(qapp):
    from PySide6.QtCore import QThread

    thread = QThread()
    thread.start()
    KEEP.append(thread)
    atexit.register(lambda: thread.quit() or thread.wait())  # Qt aborts a process that ends with a running thread


def test_qt_widget(qapp):
    from PySide6.QtWidgets import QLabel

    KEEP.append(QLabel("left"))


def test_qt_message(qapp):
    from PySide6.QtCore import qWarning

    qWarning("QObject: bad")


def test_warning():
    warnings.warn("old", DeprecationWarning, stacklevel=1)


def test_network():
    with pytest.raises(OSError, match="this machine only"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out, pytest.raises(OSError, match="this machine only"):
        out.sendto(b"x", ("192.0.2.1", 9))


def test_name():
    with pytest.raises(OSError, match="this machine only"):
        socket.create_connection(("station.example", 80), timeout=1)


def test_child(spawn):
    spawn(sys.executable, "-c", SLEEPER)


def test_grandchild(spawn):
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPER!r}], start_new_session=True)"
    spawn(sys.executable, "-c", parent).wait()


def test_clean():
    structlog.get_logger().info("fine")


async def test_clean_server():
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    await reader.read()
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()


def test_clean_log(expect_log):
    expect_log("lost_sample tag='a/b'", reason="the test drops one")
    structlog.get_logger().warning("lost_sample", tag="a/b")


def test_clean_qt(qtbot):
    from PySide6.QtWidgets import QLabel

    label = QLabel("x")
    qtbot.addWidget(label)
    label.show()


def test_clean_thread():
    threading.Thread(target=time.sleep, args=(0.05,)).start()


def test_clean_child(spawn):
    child = spawn(sys.executable, "-c", f"print('hello'); print('{{\"port\": 1}}', flush=True); {SLEEPER}")
    assert child.read_json_line() == {"port": 1}
    assert child.terminate() == -15


def test_clean_name():
    with pytest.raises(socket.gaierror):
        socket.create_connection(("plc-7.invalid", 80), timeout=1)


def test_clean_home(own_home):
    assert Path.home() == own_home
    assert os.environ["XDG_DATA_HOME"].startswith(str(own_home))
    assert "DISPLAY" not in os.environ
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"


def test_clean_port(free_port):
    with socket.create_server(("127.0.0.1", free_port())):
        pass
