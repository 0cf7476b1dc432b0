"""Makes a checkout ready to run: system libraries, `.venv`, the locked packages, the `hmi` command.

Uses nothing but Python's own library, since nothing else is there yet. Every step says whether it is already done, so
a second start costs a fraction of a second and no network. On Windows: `py -3.11 tools\\setup.py`, then
`.venv\\Scripts\\hmi demo`.
"""

import argparse
import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if not __package__:
    sys.path.insert(0, str(ROOT))  # started as a file, `python tools/setup.py`

from tools import broker, system_libraries  # noqa: E402 - needs the line above
from tools.problem import SetupError  # noqa: E402 - needs the line above

if sys.platform != "win32":
    import fcntl

OLDEST, NEWEST = (3, 11), (3, 13)
# Settings of pip that would put the packages elsewhere than into `.venv`, or refuse a locked one.
MISLEADING = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT", "PIP_REQUIREMENT", "PYTHONHOME")


@dataclass(frozen=True, slots=True)
class Checkout:
    """The places of one checkout that set-up reads and writes."""

    root: Path

    @property
    def venv(self) -> Path:
        """The virtual environment; only set-up writes there."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The interpreter that runs Lineside."""
        return self.venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    @property
    def stamp(self) -> Path:
        """What the environment was made from; absent or different means that set-up has work."""
        return self.venv / "lineside-setup.json"

    @property
    def log(self) -> Path:
        """pip's whole output of the last run, for the person who has to find out."""
        return self.venv / "lineside-setup.log"

    def lock(self, dev: bool) -> Path:
        """The locked packages: those Lineside runs on, or those and the tools to develop it."""
        return self.root / "requirements" / ("dev.txt" if dev else "run.txt")


def say(text: str) -> None:
    """Tell the person at the terminal; at once, since the next step may take a minute."""
    print(text, flush=True)


def digest(path: Path) -> str:
    """A fingerprint of a file's text that does not depend on the line endings of the checkout."""
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def wanted(checkout: Checkout, dev: bool) -> dict[str, str]:
    """The stamp of an environment that is ready; a moved checkout needs a new one, since scripts name their path."""
    sources = [checkout.lock(dev=False), *([checkout.lock(dev=True)] if dev else []), checkout.root / "pyproject.toml"]
    return {"root": str(checkout.root)} | {source.name: digest(source) for source in sources}


def stamped(checkout: Checkout) -> dict[str, str]:
    """What the environment says it was made from; nothing when it was interrupted or made by hand."""
    try:
        stamp = json.loads(checkout.stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in stamp.items()} if isinstance(stamp, dict) else {}


def venv_version(checkout: Checkout) -> tuple[int, int] | None:
    """The Python of the environment, or None when it does not start, has no pip, or was moved here from elsewhere."""
    code = "import sys, importlib.util as u; print(*sys.version_info[:2], u.find_spec('pip') is not None, sys.prefix)"
    try:
        done = subprocess.run([checkout.python, "-I", "-c", code], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    major, minor, has_pip, prefix = done.stdout.strip().split(" ", 3)
    return (int(major), int(minor)) if has_pip == "True" and Path(prefix) == checkout.venv else None


def is_ready(checkout: Checkout, dev: bool) -> bool:
    """Whether nothing is left to do; compared by content, so a `git pull` that changes no lock costs nothing."""
    stamp = stamped(checkout)
    return all(stamp.get(key) == value for key, value in wanted(checkout, dev).items()) and _supported(checkout)


def _supported(checkout: Checkout) -> bool:
    version = venv_version(checkout)
    return version is not None and OLDEST <= version <= NEWEST


def make_venv(checkout: Checkout) -> None:
    """A working environment at `.venv`; a broken or moved one is replaced."""
    if _supported(checkout):
        return
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise SetupError(
            f"Lineside needs Python 3.11, 3.12 or 3.13, and {sys.executable} is {sys.version.split()[0]}: run this "
            "with one of those (on Windows: py -3.11 tools\\setup.py)."
        )
    provide_venv_module()
    if checkout.venv.exists():
        say("Replacing .venv: it is broken, was moved, or belongs to an unsupported Python")
        shutil.rmtree(checkout.venv)
    try:
        run([sys.executable, "-m", "venv", str(checkout.venv)])
    except subprocess.CalledProcessError as error:
        raise SetupError(
            f"{sys.executable} could not make {checkout.venv} ({last_line(error)}): check that the folder is writable "
            "and the disk has 1 GB free, then run the same command again."
        ) from error


def provide_venv_module() -> None:
    """Debian ships Python without ensurepip; get it as root, else say which package brings it."""
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if sys.executable.startswith("/usr/bin/") and system_libraries.may_install(system_libraries.read_os_release()):
        system_libraries.apt_install([package], say)
        return
    raise SetupError(
        f"{sys.executable} has no ensurepip, so it cannot make a virtual environment: install it (on Debian, as root: "
        f"apt-get install {package}) or use another Python ('make PYTHON=/path/to/python3.11 ...')."
    )


def pip_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment pip runs in: the machine's index, certificates and proxies stay, what misleads it goes."""
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore", "PIP_NO_INPUT": "1"}
    return {key: value for key, value in environment.items() if key not in MISLEADING} | quiet


ASK_THE_INDEX = "check the network and the package index that 'pip config list' names, then run the same command again"
ASK_THE_CHECKOUT = "compare the checkout with a fresh clone ('git status' lists what was changed or is missing)"


def pip_install(checkout: Checkout, what: str, advice: str, arguments: Sequence[str]) -> None:
    """Install into `.venv`, quietly; a failure is one sentence here and the whole story in the log."""
    command = [str(checkout.python), "-m", "pip", "install", "--progress-bar", "off", *arguments]
    try:
        run(command, cwd=checkout.root, environment=pip_environment(os.environ), log=checkout.log)
    except subprocess.CalledProcessError as error:
        raise SetupError(
            f"pip could not install {what} into {checkout.venv} ({last_line(error)}): {advice}; "
            f"pip's whole output is in {checkout.log}."
        ) from error


def run(
    command: Sequence[str], *, cwd: Path = ROOT, environment: Mapping[str, str] | None = None, log: Path | None = None
) -> None:
    """Run a step and keep its words to itself; raises CalledProcessError with what it printed."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    output = done.stdout.decode(errors="replace")
    if log is not None:
        log.write_text(output, encoding="utf-8")
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, output)


def last_line(error: subprocess.CalledProcessError) -> str:
    """The line of a failed step that says why: a broken connection, else its last error, else its last word."""
    lines = [line.strip() for line in str(error.output or "").splitlines() if line.strip()]
    for line in lines:
        # pip goes on to say that the package does not exist, which sends people looking in the wrong place.
        if broken := re.search(r"connection broken by ['\"](.*?)['\"]?: /", line):
            return f"no connection to the package index: {broken[1]}"
    lines = [line for line in lines if not line.lower().startswith(("hint:", "note:", "[end of output]"))]
    errors = [line for line in lines if re.match(r"(ERROR|OSError|\w*Error|E): ", line)]
    return (errors or lines or [f"exit code {error.returncode}"])[-1].removeprefix("ERROR: ")


@contextlib.contextmanager
def alone(checkout: Checkout) -> Iterator[None]:
    """Keep a second set-up of this checkout waiting, as when two terminals start at once; Windows has no such lock."""
    if sys.platform == "win32":
        yield
        return
    folder = os.open(checkout.root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def install(checkout: Checkout, dev: bool) -> None:
    """Bring the checkout's environment to what its lock files say; does nothing when it is there already."""
    with alone(checkout):
        system_libraries.provide(os.environ, say)
        if dev:
            broker.provide(say)
        if not is_ready(checkout, dev):
            fill(checkout, dev)


def fill(checkout: Checkout, dev: bool) -> None:
    """Make the environment and install into it; the stamp comes last, so that an interruption starts again."""
    make_venv(checkout)
    lock = checkout.lock(dev)
    say(f"Installing the packages of {lock.relative_to(checkout.root)} into .venv (about 400 MB the first time)")
    pip_install(
        checkout, "the locked packages", ASK_THE_INDEX, ["--require-hashes", "--only-binary=:all:", "-r", str(lock)]
    )
    # hatchling comes with the lock: building in isolation would fetch it again, and need the network for that.
    itself = ["--no-deps", "--no-build-isolation", "--no-index", "--editable", str(checkout.root)]
    pip_install(checkout, "Lineside itself", ASK_THE_CHECKOUT, itself)
    checkout.stamp.write_text(json.dumps(wanted(checkout, dev), indent=1), encoding="utf-8")
    say("Set up.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; 0 when the checkout is ready, 1 with one sentence when it is not."""
    parser = argparse.ArgumentParser(prog="tools/setup.py", description="Make .venv ready to run Lineside.")
    parser.add_argument("--dev", action="store_true", help="with the tools that tests and checks need")
    options = parser.parse_args(arguments)
    try:
        install(Checkout(ROOT), options.dev)
    except SetupError as problem:
        print(f"Lineside: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Lineside: set-up was interrupted; run the same command again to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
