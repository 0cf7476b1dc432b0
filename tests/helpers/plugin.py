"""The test harness as a pytest plugin: an empty home, no network, and no test ends with anything left over."""

import gc
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.helpers import home, logs
from tests.helpers.children import Children
from tests.helpers.leftovers import Snapshot, Tasks
from tests.helpers.network import NetworkGuard

ROOT = Path(__file__).resolve().parents[2]
FAILED = pytest.StashKey[bool]()


class Harness:
    """The guards of one test process; made once, looked at after every test."""

    def __init__(self) -> None:
        self.logs = logs.LogGuard()
        self.tasks = Tasks()
        self.network = NetworkGuard()
        self.home = tempfile.TemporaryDirectory(prefix="lineside-home-")
        self._removers: list[Callable[[], None]] = []

    def start(self) -> None:
        """Set the environment of all tests, then watch."""
        for name in home.unwanted(os.environ):
            del os.environ[name]
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        os.environ.update(home.settings(Path(self.home.name)))
        os.environ["XDG_CACHE_HOME"] = str(Path(self.home.name, ".cache"))
        self.network.install()
        self._removers = [self.logs.install(), self.tasks.install()]
        logs.route_structlog()

    def stop(self) -> None:
        """Give the process back as it was."""
        self.network.active = False
        for remove in self._removers:
            remove()
        self.home.cleanup()

    def problems(self, before: Snapshot) -> list[str]:
        """Everything a test did that no test should do; forgets it, so that the next test starts clean."""
        leftovers = before.leftovers()  # collects garbage: what that logs belongs to this test
        tasks = [f"task still running when its loop closed: {task}" for task in self.tasks.take()]
        outside = [f"tried to reach another machine: {what}" for what in self.network.take()]
        return leftovers + tasks + outside + self.logs.problems()


HARNESS = pytest.StashKey[Harness]()

# Tests are repeatable: the same examples every time. The soak run looks for new ones.
hypothesis.settings.register_profile("lineside", deadline=None, derandomize=True, database=None)
hypothesis.settings.register_profile("soak", deadline=None, max_examples=2_000, database=None, print_blob=True)


def pytest_configure(config: pytest.Config) -> None:
    """Start the harness before anything of the project is imported."""
    hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "lineside"))
    harness = config.stash[HARNESS] = Harness()
    harness.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take it away after the last test."""
    config.stash[HARNESS].stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Remember a failure: the objects its traceback holds are no leftovers."""
    report = yield
    if call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
        item.stash[FAILED] = True
    return report


def _fail(problems: list[str], who: str) -> None:
    if problems:
        pytest.fail(f"{who} left something behind or did what no test does:\n  " + "\n  ".join(problems), pytrace=False)


@pytest.fixture(scope="module", autouse=True)
def _module_leaves_nothing(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the fixtures of a whole file opened is gone after its last test."""
    failures = request.session.testsfailed
    gc.collect()
    # What importing and earlier files made is left out of every later look for garbage, which then takes a millisecond.
    gc.freeze()
    before = Snapshot.now()
    yield
    problems = request.config.stash[HARNESS].problems(before)
    if request.session.testsfailed == failures:
        _fail(problems, "The fixtures of this file")


@pytest.fixture(autouse=True)
def _test_leaves_nothing(request: pytest.FixtureRequest, _module_leaves_nothing: None) -> Iterator[None]:
    """What a test and its fixtures opened is gone when it ends."""
    harness = request.config.stash[HARNESS]
    before = Snapshot.now()
    yield
    problems = harness.problems(before)
    logs.route_structlog()
    if not request.node.stash.get(FAILED, False):
        _fail(problems, "The test")


@pytest.fixture(autouse=True)
def own_home(_test_leaves_nothing: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The empty home folder of this test."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in home.settings(folder).items():
            patch.setenv(name, value)
        yield folder


@pytest.fixture
def expect_log(request: pytest.FixtureRequest) -> Callable[..., None]:
    """`expect_log(pattern, reason, required=True)`: a record at WARNING or above that this test is about.

    The pattern is searched in `LEVEL logger: event key='value' ...`.
    """
    return request.config.stash[HARNESS].logs.expect


@pytest.fixture
def spawn(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Children]:
    """`spawn(program, *arguments, env=None, cwd=None) -> Child`: all of them must have ended when the test ends."""
    children = Children(tmp_path, ROOT)
    yield children
    left = children.end()
    if not request.node.stash.get(FAILED, False):
        _fail(left, "The test")


@pytest.fixture
def free_port() -> Callable[[], int]:
    """`free_port()`: a TCP port of 127.0.0.1 that nobody listens on; prefer port 0 where a program tells its own."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return find
