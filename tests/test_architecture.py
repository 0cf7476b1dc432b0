"""The shape of the code, where no linter has a rule: layers that exist, sizes, and constructs we do without."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = ("hmi", "plugins", "benchmarks", "tools")
PACKAGES = ("core", "link", "drivers", "historian", "station", "softplc", "panel")
MODULE_LINES, FUNCTION_LINES = 400, 70


def modules(*folders: str) -> list[Path]:
    """Every module below these folders of the tree, tests of plugins left out."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "tests" not in path.relative_to(ROOT).parts)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


EVALUATE = r"(?<![\w.])(eval|exec|compile)\("

# What no module does, and why. The pattern is searched in code without comments and strings.
FORBIDDEN = [
    ("hmi", r"\bprocessEvents\b", "runs other slots in the middle of this one; let the event loop run"),
    ("hmi", r"\bQThread\b|\bQRunnable\b|\bQThreadPool\b", "the panel has no threads: the station is the other thread"),
    ("hmi plugins", EVALUATE, "no text becomes code: projects come from anybody"),
    ("hmi plugins", r"\b(pickle|marshal|shelve|dill)\b", "loading one of these runs what it contains"),
    ("hmi", r"\btime\.sleep\(|\bfrom time import .*\bsleep\b", "waits where an event would do, and cannot be tested"),
    ("hmi plugins tools benchmarks", r"\bshell\s*=\s*True\b|\bos\.system\(|\bos\.popen\(", "text becomes a command"),
    (
        "hmi/core hmi/link",
        r"\.(now|utcnow|today|monotonic(_ns)?|perf_counter(_ns)?|time_ns)\(\s*",
        "time is an argument",
    ),
    ("hmi/core hmi/link", r"\basync def\b|\bawait\b", "the core is called, it does not wait"),
    ("hmi/core hmi/link", r"(?<![\w.])(open|print|input)\(", "the core reads and writes nothing by itself"),
    ("hmi", r"^\s*global\s", "no state of a module: whoever needs something is given it"),
    ("hmi/panel", r"\.connect\(\s*lambda\b[^:]*:.*\bself\b", "the lambda keeps the widget alive after Qt deleted it"),
    ("hmi/panel", r"\bQApplication\.instance\(|\bqApp\b", "what a widget needs comes through its constructor"),
]

# The modules that may after all: (module, pattern) -> the reason. One that is no longer needed fails the check too.
EXCEPTIONS = {
    ("hmi/core/expression/fast.py", EVALUATE): "builds the syntax tree itself, from a parser with names of its own",
}


def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a module; not kept, since so many objects make every look for garbage slow."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def code_lines(path: Path) -> list[tuple[int, str]]:
    """The lines of a module without what is in comments and strings."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                lines[number - 1] = _blank(lines[number - 1], node, number)
    return [(number, re.sub(r"#.*", "", line)) for number, line in enumerate(lines, 1)]


def _blank(line: str, node: ast.Constant, number: int) -> str:
    raw = line.encode()
    first = node.col_offset if number == node.lineno else 0
    last = (node.end_col_offset or 0) if number == node.end_lineno else len(raw)
    return (raw[:first] + b" " * (last - first) + raw[last:]).decode(errors="replace")


@pytest.mark.parametrize(("folders", "pattern", "reason"), FORBIDDEN, ids=[pattern for _, pattern, _ in FORBIDDEN])
def test_code_does_without(folders, pattern, reason):
    found = {
        f"{name_of(path)}:{number}": line.strip()
        for path in modules(*folders.split())
        for number, line in code_lines(path)
        if re.search(pattern, line)
    }
    excepted = {module for module, allowed in EXCEPTIONS if allowed == pattern}
    refused = {place: line for place, line in found.items() if place.rsplit(":", 1)[0] not in excepted}
    assert not refused, reason
    assert excepted == {place.rsplit(":", 1)[0] for place in found}, "an exception nobody needs any more"


# A check that cannot fail checks nothing: for each pattern, in order, a line it must find.
OFFENDERS = [
    "QApplication.processEvents()",
    "worker = QThread(self)",
    "value = eval(text)",
    "import pickle",
    "time.sleep(0.1)",
    "subprocess.run(command, shell=True)",
    "now = datetime.now(UTC)",
    "async def step(self):",
    "with open(path) as stream:",
    "    global counter",
    "button.connect(lambda: self.close())",
    "QApplication.instance()",
]


@pytest.mark.parametrize(("forbidden", "line"), list(zip(FORBIDDEN, OFFENDERS, strict=True)), ids=OFFENDERS)
def test_each_pattern_finds_what_it_is_for(forbidden, line):
    assert re.search(forbidden[1], line)


def test_patterns_pass_over_comments_and_texts(tmp_path):
    path = tmp_path / "module.py"
    path.write_text(
        '"""Never eval(text).\n\nexec(x)\n"""\nwindow.exec()  # eval(this)\nname = "eval(1)"\n', encoding="utf-8"
    )
    assert not [line for _, line in code_lines(path) if re.search(EVALUATE, line)]


# Who may catch everything, and why. Cleaning up and raising again needs no permission.
CATCHES_ALL = {
    "hmi/drivers/plugin/trial.py": "a plugin's code is tried here: whatever it raises is the verdict",
    "hmi/drivers/process/running.py": "a driver is somebody else's code: its fault costs its own connection",
    "hmi/drivers/registry.py": "a plugin is somebody else's module: whatever it raises, the station starts",
    "hmi/station/link_lives.py": "a driver is somebody else's code: an edit that it fails at must not fail the others",
    "hmi/station/links.py": "a driver is somebody else's code: whatever it raises, the other connections go on",
}


def catches_all(tree: ast.AST) -> Iterator[int]:
    """The lines of handlers that catch every exception and do not raise it again."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and {*_caught(node.type)} & {"", "Exception", "BaseException"}:
            last = node.body[-1]
            if not (isinstance(last, ast.Raise) and last.exc is None):
                yield node.lineno


def _caught(kind: ast.expr | None) -> Iterator[str]:
    if isinstance(kind, ast.Tuple):
        yield from (ast.unparse(part) for part in kind.elts)
    else:
        yield "" if kind is None else ast.unparse(kind)


def test_nobody_catches_everything():
    # Catch what can happen; the rest is a bug that has to be seen.
    found = {
        f"{name_of(path)}:{line}"
        for path in modules("hmi", "plugins", "tools", "benchmarks")
        for line in catches_all(tree_of(path))
    }
    assert not {place for place in found if place.rsplit(":", 1)[0] not in CATCHES_ALL}
    assert CATCHES_ALL.keys() <= {place.rsplit(":", 1)[0] for place in found}, "a permission nobody needs any more"


@pytest.mark.parametrize(
    ("handler", "refused"),
    [
        ("except: pass", True),
        ("except Exception as e: log(e)", True),
        ("except (ValueError, BaseException): pass", True),
        ("except Exception as e: raise Other() from e", True),
        ("except BaseException:\n close()\n raise", False),
        ("except (ValueError, OSError): pass", False),
    ],
)
def test_catching_everything_is_found(handler, refused):
    assert bool([*catches_all(ast.parse(f"try: go()\n{handler}"))]) is refused


@pytest.mark.parametrize("package", PACKAGES)
def test_package_exists_and_says_why(package):
    init = ROOT / "hmi" / package / "__init__.py"
    assert init.is_file(), f"hmi.{package} is part of the design, and the layer checks say nothing without it"
    assert ast.get_docstring(ast.parse(init.read_text(encoding="utf-8")))


def test_command_line_exists():
    assert (ROOT / "hmi" / "__main__.py").is_file()
    assert (ROOT / "hmi" / "cli.py").is_file() or (ROOT / "hmi" / "cli" / "__init__.py").is_file()


def test_every_folder_of_modules_is_a_package():
    # Without `__init__.py` neither the layer checks nor a built distribution see a folder.
    folders = {path.parent for path in modules("hmi", "plugins", "benchmarks", "tools")}
    assert not sorted(name_of(folder) for folder in folders if not (folder / "__init__.py").is_file())


def test_layers_are_checked():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(contract for contract in contracts["contracts"] if contract["type"] == "layers")
    assert layers["exhaustive"]
    named = set(re.findall(r"\w+", " ".join(layers["layers"])))
    assert named >= {*PACKAGES, "cli"}
    assert "plugins" in contracts["root_packages"]


@cache
def imported(path: Path) -> frozenset[str]:
    """The packages a module imports from, wherever it does so."""
    nodes = list(ast.walk(tree_of(path)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    parts = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return frozenset(name.split(".")[0] for name in plain | parts)


def importers(*names: str) -> set[str]:
    return {name_of(path) for path in modules("hmi", "plugins") if imported(path) & set(names)}


def test_one_module_opens_sqlite():
    # Two SQLite libraries on one file lose each other's locks.
    assert importers("pysqlite3", "sqlite3") == {"hmi/historian/sqlite.py"}


def test_qt_is_loaded_by_the_panel_only():
    outside = {
        name
        for name in importers("PySide6", "shiboken6", "pyqtgraph")
        if not re.match(r"hmi/panel/|plugins/\w+/panel", name)
    }
    assert not outside


def test_modules_are_one_noun():
    lines = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules(*CODE)}
    assert not {name: n for name, n in lines.items() if n > MODULE_LINES}, "which two nouns are in there?"


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function of a module with its length in lines, docstring included."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name_of(path)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_functions_fit_a_screen():
    lengths = dict(function for path in modules(*CODE) for function in functions(path))
    assert not {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES}


# Put together from halves, so that this file does not name what it looks for.
UNWANTED = {
    "a path of one machine": r"(?<![\w.])/" + r"work/|/" + r"root/",
    "the host of a package index": "py" + r"pi\.org|python" + "hosted|registry" + r"\.npmjs|deb" + r"\.debian\.org",
    "a note to do something later": r"\b(TO" + "DO|FIX" + r"ME|XX" + r"X)\b",
    "a body that is missing": r"\braise NotImplemented" + "Error",
}
BINARY = {".png", ".ico", ".wav", ".ttf", ".otf", ".woff2", ".pyc"}


def tracked_files() -> list[Path]:
    """What git would hand on; a tree without git is looked at whole."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = listed.stdout.split("\0") if listed.returncode == 0 else [name_of(p) for p in modules(*CODE, "tests")]
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("what", UNWANTED)
def test_tracked_files_are_free_of(what):
    pattern = re.compile(UNWANTED[what])
    found = [
        f"{name_of(path)}:{number}: {line.strip()[:120]}"
        for path in tracked_files()
        if path.suffix not in BINARY
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found, f"{what}:\n" + "\n".join(found)


def test_lock_files_agree_and_name_no_place():
    runtime, develop = ((ROOT / "requirements" / name).read_text(encoding="utf-8") for name in ("run.txt", "dev.txt"))
    pins = re.compile(r"^[\w.-]+==[^\\\n]+", re.MULTILINE)
    assert set(pins.findall(runtime)) <= set(pins.findall(develop)), (
        "a development tool runs other versions than users do"
    )
    assert not re.findall(r"^-|://", runtime + develop, re.MULTILINE)
    assert "pyside6-essentials==6.11.3 " in runtime
