"""Stale documents mislead people in front of a machine: what they name exists, and what exists is named."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).resolve().parents[1]
DECISION_PARTS = ("## Context", "## Decision", "## Consequences")
FENCE = re.compile(r"^( *)(```+|~~~+)([^\n]*)\n(.*?)^\1\2 *$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")


def documents() -> list[Path]:
    """Every Markdown file that git would hand on, and those about to be added."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        return sorted(path for path in ROOT.rglob("*.md") if ".venv" not in path.parts)
    return sorted({ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()})


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def guide() -> str:
    """What a person reads: the README, the guide, and the page for contributors."""
    return "\n".join(path.read_text(encoding="utf-8") for path in documents())


def anchors(path: Path) -> set[str]:
    """The places of a page a link can name, as forges make them from headings."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#{1,6} +(.+?) *#*$", text, re.MULTILINE)
    explicit = re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings} | set(explicit)


def broken_links(path: Path) -> Iterator[str]:
    text = re.sub(r"`[^`\n]*`", "", FENCE.sub("", path.read_text(encoding="utf-8")))
    for target in LINK.findall(text):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        place, _, anchor = target.partition("#")
        file = (path.parent / place) if place else path
        if not file.exists():
            yield f"{name_of(path)}: {target}: no such file"
        elif anchor and file.suffix == ".md" and anchor.lower() not in anchors(file):
            yield f"{name_of(path)}: {target}: no such heading"


def test_links_lead_somewhere():
    broken = [problem for path in documents() for problem in broken_links(path)]
    assert not broken


def test_a_broken_link_is_found(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text("# One Two\n[a](gone.md) [b](#one-two) [c](#three) `[d](e.md)` [f](page.md)\n```\n[g](h.md)\n```\n")
    assert list(broken_links(page)) == ["page.md: gone.md: no such file", "page.md: #three: no such heading"]


def command_line() -> click.Group:
    from hmi import cli

    groups = [value for name in ("main", "cli", "hmi") if isinstance(value := getattr(cli, name, None), click.Group)]
    assert groups, "hmi.cli has no click group of the name main, cli or hmi"
    return groups[0]


def commands(group: click.Group, prefix: str = "hmi") -> Iterator[tuple[str, click.Command]]:
    """Every command a person can type, with its full name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield f"{prefix} {name}", command


def test_every_command_is_documented():
    text = guide()
    visible = [name for name, command in commands(command_line()) if not command.hidden]
    assert visible
    assert not [name for name in visible if not re.search(rf"\b{re.escape(name)}\b", text)]


AGREED = [
    "demo", "run", "station", "panel", "plc", "check", "status", "read", "write", "alarms", "alarms ack",
    # Import and browsing of tags come with their editor.
    "history aggregate", "history annotate", "history annotations", "history backup", "history export",
    "history import", "history info", "history prune", "history restore", "history verify",
    "tags export", "user add", "user passwd", "user disable", "user list",
    "audit verify", "audit export",
]  # fmt: skip


@pytest.mark.parametrize("name", AGREED)
def test_agreed_command_exists(name):
    assert f"hmi {name}" in dict(commands(command_line()))


def examples() -> Iterator[tuple[str, str]]:
    """The lines of code blocks that start with `hmi `, with where they stand; a prompt and a comment are taken off."""
    for path in documents():
        for block in FENCE.finditer(path.read_text(encoding="utf-8")):
            for line in block.group(4).replace("\\\n", " ").splitlines():
                typed = re.sub(r"^\s*(?:\$ )?(?:\.venv/bin/)?", "", line)
                if typed.startswith("hmi "):
                    yield name_of(path), typed


def parses(line: str) -> str | None:
    """What is wrong with a line a document tells people to type; values themselves may be only examples."""
    line = re.sub(r"\[[^\]]*\]", "", line)  # what a synopsis marks as optional
    words = shlex.split(re.split(r" (?:[|>&]|2>|#|   )", line)[0], comments=True)[1:]
    try:
        context = command_line().make_context("hmi", list(words))
        while isinstance(context.command, click.Group) and (rest := [*context._protected_args, *context.args]):
            name, command, rest = context.command.resolve_command(context, rest)
            assert command is not None
            context = command.make_context(name, rest, parent=context)
    except click.exceptions.Exit:  # --help, --version
        return None
    except click.MissingParameter as error:
        return error.format_message()
    except click.BadParameter:
        return None
    except click.UsageError as error:
        return error.format_message()
    return None


def test_examples_can_be_typed():
    wrong = [f"{where}: {line}: {problem}" for where, line in examples() if (problem := parses(line))]
    assert not wrong


@pytest.mark.parametrize("line", ["hmi no-such-command", "hmi demo --no-such-option", "hmi check", "hmi demo now"])
def test_a_wrong_example_is_found(line):
    assert parses(line)


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_every_make_target_is_documented():
    text = guide()
    assert not [target for target in sorted(targets()) if not re.search(rf"\bmake {target}\b", text)]


def test_documents_name_no_target_that_is_not_there():
    named = set(re.findall(r"`make ([a-z]+)\b", guide())) | set(
        re.findall(r"^\s*(?:\$ )?make ([a-z]+)\b", guide(), re.MULTILINE)
    )
    assert named <= targets()


def records() -> list[Path]:
    return sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


def test_decision_records_are_complete():
    assert records()
    incomplete = []
    for path in records():
        text = path.read_text(encoding="utf-8")
        status = re.search(r"^- Status: (proposed|accepted|replaced by (\d{4}))$", text, re.MULTILINE)
        date = re.search(r"^- Date: 20\d\d-[01]\d-[0-3]\d$", text, re.MULTILINE)
        title = re.match(rf"# {path.name[:4]} \S", text)
        if not (status and date and title and all(part in text for part in DECISION_PARTS)):
            incomplete.append(name_of(path))
    assert not incomplete


def test_decision_records_are_listed_once():
    numbers = [path.name[:4] for path in records()]
    assert len(numbers) == len(set(numbers))
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    assert not [path.name for path in records() if f"({path.name})" not in index]
