"""The MQTT broker that the tests of the MQTT drivers start for themselves, on a port of their own.

Only tests need it, so a machine that cannot have it is told once and goes on: those tests say that they were skipped.
"""

import shutil
import sys
from collections.abc import Callable

from tools import system_libraries
from tools.problem import SetupError

PACKAGE = "mosquitto"
"""Its name on Debian, Fedora and Arch alike."""


def found() -> str | None:
    """The program; daemons lie in `/usr/sbin`, which is not on everybody's path."""
    return shutil.which(PACKAGE) or shutil.which(PACKAGE, path="/usr/sbin:/usr/local/sbin")


def provide(say: Callable[[str], None], there: Callable[[], str | None] = found) -> None:
    """Make sure that the broker is there: install it where that is ours to do, else say what will be left out."""
    if sys.platform != "linux" or there() is not None:
        return
    why = f"install the package {PACKAGE}"
    if system_libraries.may_install(system_libraries.read_os_release()):
        try:
            system_libraries.apt_install([PACKAGE], say)
        except SetupError as problem:
            why = str(problem)
    if there() is None:
        say(f"The tests of the MQTT drivers will be skipped, they need the broker {PACKAGE}: {why}")
