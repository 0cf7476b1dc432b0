"""Set-up does what is needed once, says what went wrong, and does nothing the second time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools import setup
from tools.problem import SetupError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def checkout(tmp_path) -> setup.Checkout:
    (tmp_path / "requirements").mkdir()
    for name in ("run.txt", "dev.txt"):
        (tmp_path / "requirements" / name).write_text(f"# {name}\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    return setup.Checkout(tmp_path)


@pytest.fixture
def pip(checkout, monkeypatch) -> list[list[str]]:
    """Everything but pip and the system's libraries is real; the list holds what pip was asked for."""
    asked: list[list[str]] = []
    monkeypatch.setattr(setup.system_libraries, "provide", lambda _environment, _say: None)
    monkeypatch.setattr(
        setup, "pip_install", lambda _checkout, what, _advice, arguments: asked.append([what, *arguments])
    )
    return asked


def bare_venv(checkout: setup.Checkout) -> None:
    """An environment with a pip to be found, made in a tenth of the time of a whole one."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(checkout.venv)], check=True)
    next(checkout.venv.glob("lib/python*/site-packages")).joinpath("pip.py").touch()


def test_a_fresh_checkout_is_set_up_once(checkout, pip, capsys):
    bare_venv(checkout)
    setup.install(checkout, dev=False)
    assert [call[0] for call in pip] == ["the locked packages", "Lineside itself"]
    assert pip[0][1:] == ["--require-hashes", "--only-binary=:all:", "-r", str(checkout.root / "requirements/run.txt")]
    assert "--no-index" in pip[1]
    capsys.readouterr()
    setup.install(checkout, dev=False)
    assert len(pip) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("changed", "dev", "again"),
    [
        ("requirements/run.txt", False, True),
        ("requirements/dev.txt", False, False),
        ("requirements/dev.txt", True, True),
        ("pyproject.toml", False, True),
    ],
)
def test_a_changed_lock_is_installed(checkout, pip, changed, dev, again):
    bare_venv(checkout)
    setup.install(checkout, dev=True)
    del pip[:]
    (checkout.root / changed).write_text("# renewed\n", encoding="utf-8")
    setup.install(checkout, dev=dev)
    assert bool(pip) is again


def test_tools_for_development_contain_what_running_needs(checkout, pip):
    bare_venv(checkout)
    setup.install(checkout, dev=True)
    del pip[:]
    setup.install(checkout, dev=False)
    assert not pip
    assert setup.is_ready(checkout, dev=True)


def test_an_interrupted_set_up_goes_on(checkout, pip, monkeypatch):
    bare_venv(checkout)
    monkeypatch.setattr(setup, "pip_install", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        setup.install(checkout, dev=False)
    assert not setup.is_ready(checkout, dev=False)


def test_a_second_set_up_waits_for_the_first(checkout, pip):
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tools import setup; from pathlib import Path\n"
    code += f"with setup.alone(setup.Checkout(Path({str(checkout.root)!r}))): print('in', flush=True)"
    with setup.alone(checkout):
        second = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        with pytest.raises(subprocess.TimeoutExpired):
            second.communicate(timeout=0.5)
    assert second.communicate(timeout=30)[0] == "in\n"


@pytest.mark.parametrize("stamp", ["", "[]", "{", '"x"', "\x00"])
def test_a_broken_stamp_is_no_stamp(checkout, stamp):
    checkout.venv.mkdir()
    checkout.stamp.write_text(stamp, encoding="utf-8")
    assert not setup.is_ready(checkout, dev=False)


def test_an_environment_that_does_not_start_is_replaced(checkout, pip, capsys):
    bare_venv(checkout)
    checkout.python.unlink()
    setup.make_venv(checkout)
    assert setup.venv_version(checkout) == sys.version_info[:2]
    assert "Replacing .venv" in capsys.readouterr().out


def test_an_environment_that_was_moved_is_not_trusted(checkout, pip, tmp_path):
    bare_venv(checkout)
    checkout.stamp.write_text(json.dumps(setup.wanted(checkout, dev=False)), encoding="utf-8")
    assert setup.is_ready(checkout, dev=False)
    moved = setup.Checkout(tmp_path / "moved")
    moved.root.mkdir()
    for name in ("requirements", "pyproject.toml", ".venv"):
        (checkout.root / name).rename(moved.root / name)
    assert not setup.is_ready(moved, dev=False)


def test_line_endings_do_not_count(tmp_path):
    (tmp_path / "unix").write_bytes(b"a\nb\n")
    (tmp_path / "windows").write_bytes(b"a\r\nb\r\n")
    assert setup.digest(tmp_path / "unix") == setup.digest(tmp_path / "windows")


def test_pip_keeps_the_machine_s_index_and_loses_what_misleads_it():
    environment = setup.pip_environment(
        {"PIP_INDEX_URL": "i", "PIP_CERT": "c", "PIP_USER": "1", "PIP_TARGET": "/t", "HOME": "/h"}
    )
    assert environment == {
        "PIP_INDEX_URL": "i", "PIP_CERT": "c", "HOME": "/h",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore", "PIP_NO_INPUT": "1",
    }  # fmt: skip


def test_a_failure_of_pip_is_one_sentence_and_a_log(checkout):
    bare_venv(checkout)
    next(checkout.venv.glob("lib/python*/site-packages")).joinpath("pip.py").write_text(
        "import sys; print('Collecting x\\nERROR: No matching distribution found for x==1\\nhint: see'); sys.exit(1)"
    )
    with pytest.raises(
        SetupError, match=r"pip could not install x .*\(No matching distribution found for x==1\): check it; pip's"
    ):
        setup.pip_install(checkout, "x", "check it", ["x==1"])
    assert "Collecting x" in checkout.log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("", "exit code 3"),
        ("one\ntwo\n\n", "two"),
        (
            "WARNING: Retrying after connection broken by 'NameResolutionError(\"no 'index'\")': /simple/x/\n"
            "ERROR: No matching distribution found for x",
            "no connection to the package index: NameResolutionError(\"no 'index'\")",
        ),
        ("ERROR: first\nmore", "first"),
        (
            "OSError: disk full\n[end of output]\nerror: metadata-generation-failed\nhint: See above.",
            "OSError: disk full",
        ),
    ],
)
def test_the_line_that_says_why(output, line):
    assert setup.last_line(subprocess.CalledProcessError(3, ["x"], output)) == line


@pytest.mark.parametrize(
    ("error", "code", "says"), [(SetupError("disk full: buy one"), 1, "buy one"), (KeyboardInterrupt(), 130, "again")]
)
def test_a_person_sees_a_sentence_and_no_traceback(monkeypatch, capsys, error, code, says):
    def fail(_checkout: setup.Checkout, _dev: bool) -> None:
        raise error

    monkeypatch.setattr(setup, "install", fail)
    assert setup.main([]) == code
    written = capsys.readouterr().err
    assert written.startswith("Lineside: ")
    assert says in written
    assert "Traceback" not in written


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_an_unsupported_python_makes_no_environment(checkout, monkeypatch, version):
    monkeypatch.setattr(setup.sys, "version_info", version)
    with pytest.raises(SetupError, match=r"Lineside needs Python 3\.11, 3\.12 or 3\.13, and .* is "):
        setup.make_venv(checkout)
    assert not checkout.venv.exists()


def test_a_python_without_ensurepip_names_the_package(monkeypatch):
    monkeypatch.setattr(setup.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(setup.system_libraries, "may_install", lambda _system: False)
    with pytest.raises(SetupError, match=rf"apt-get install python3\.{sys.version_info.minor}-venv"):
        setup.provide_venv_module()


@pytest.mark.parametrize("command", [["tools/setup.py"], ["-m", "tools.setup"]])
def test_it_starts_as_a_file_and_as_a_module(command):
    done = subprocess.run([sys.executable, *command, "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "usage: tools/setup.py [-h] [--dev]" in done.stdout
