"""The commands that look after a store: what they print, what they refuse, and with which exit code."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from hmi.cli import history_care, history_notes
from hmi.core.batch import batch_of
from hmi.core.instants import Instants
from hmi.historian import months
from hmi.historian.audit import AuditEntry
from hmi.historian.catalogue import Catalogue
from hmi.historian.event_reader import EventReader, Query
from hmi.historian.events import open_events
from hmi.historian.files import present
from hmi.historian.lock import FolderLock
from hmi.historian.sqlite import close, connect_writer
from hmi.historian.store import StoreOptions, open_reader, open_store

JANUARY = (2026 - 1970) * 12
DAY = months.DAY
JUNE = months.start_of(JANUARY + 5)
Run = Callable[..., Result]


def at(month: int, day: int = 1) -> int:
    return months.start_of(JANUARY + month - 1) + (day - 1) * DAY


def clock() -> Instants:
    return Instants(0, JUNE)


@click.group()
def history() -> None:
    """As the program has it."""


for _command in (
    history_care.info,
    history_care.verify,
    history_care.backup,
    history_care.restore,
    history_care.prune,
    history_notes.annotate,
    history_notes.edit_annotation,
    history_notes.delete_annotation,
    history_notes.list_annotations,
):
    history.add_command(_command)


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    """A copy of the store, for one test."""
    return Path(shutil.copytree(made, tmp_path / "history"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tags in January to March; one sample is still in the journal."""
    folder = tmp_path_factory.mktemp("made") / "history"
    options = StoreOptions(block_from=100, group_of=lambda tag: "slow" if tag == 3 else "default")
    writer = open_store(folder, clock=clock, options=options, on_health=lambda _: None)
    for month in (1, 2, 3):
        writer.append(batch_of([1] * 300, [at(month, 2) + i for i in range(300)], [0] * 300, [1.0] * 300, [0] * 300))
        writer.append(batch_of([2, 3], [at(month, 3)] * 2, [0, 0], ["on", 5.0], [0, 0]))
    writer.tidy()
    writer.append(batch_of([2], [at(4)], [0], ["off"], [0]))
    writer.close()
    with Catalogue(folder) as catalogue:
        known = [("a", "line/a", False, False), ("b", "line/b", True, True), ("c", "line/c", False, False)]
        catalogue.ids_for(known, 1)
    events = open_events(folder, clock=clock)
    events.audit(AuditEntry("anna", "operator", "pc1", "write", "line/a", new=1)).result(30)
    events.close()
    return folder


@pytest.fixture
def run(store: Path) -> Run:
    def invoke(command: str, *arguments: str | Path, at: Path | None = None) -> Result:
        words = [command, "--store", str(at or store), *map(str, arguments)]
        return CliRunner().invoke(history, words, catch_exceptions=False)

    return invoke


def test_info_tells_size_rate_and_months(run: Run) -> None:
    found = run("info")
    assert found.exit_code == 0
    lines = dict(line.split(": ", 1) for line in found.stdout.splitlines())
    assert lines["samples"] == "907"
    assert lines["span"] == "2026-01-02T00:00:00.000000000Z to 2026-04-01T00:00:00.000000000Z"
    assert lines["tags"] == "3"
    assert lines["journal"].startswith("1 samples, ")
    assert lines["default/2026-02"].startswith("301 samples, ")
    assert "2026-02-03T00:00:00.000000000Z" in lines["default/2026-02"]
    assert [name for name in lines if "/2026" in name] == [
        f"{group}/2026-0{month}" for month in (1, 2, 3) for group in ("default", "slow")
    ]


def test_info_gives_programs_everything(run: Run, store: Path) -> None:
    found = json.loads(run("info", "--json", "--tags").stdout)
    reader = open_reader(store)
    assert (found["samples"], found["bytes"]) == (907, reader.info().bytes)
    reader.close()
    assert [month["samples"] for month in found["months"]] == [301, 1] * 3
    assert found["bytes_sample"] > 0
    assert found["bytes"] >= found["journal_bytes"] + sum(month["bytes"] for month in found["months"])
    assert [(use["path"], use["samples"], use["oldest"], use["newest"]) for use in found["per_tag"]] == [
        ("line/a", 900, at(1, 2), at(3, 2) + 299),
        ("line/b", 4, at(1, 3), at(4)),
        ("line/c", 3, at(1, 3), at(3, 3)),
    ]
    assert all(use["bytes"] > 0 for use in found["per_tag"])


def test_the_rate_is_that_of_the_last_days(tmp_path: Path, run: Run) -> None:
    writer = open_store(tmp_path / "live", clock=clock, on_health=lambda _: None)
    times = [JUNE - 30 * DAY + i * DAY // 100 for i in range(3000)]
    writer.append(batch_of([1] * 3000, times, [0] * 3000, [1.0] * 3000, [0] * 3000))
    writer.tidy()
    writer.append(batch_of([2] * 50, [JUNE - 50 + i for i in range(50)], [0] * 50, [1.0] * 50, [0] * 50))
    writer.close()
    found = json.loads(run("info", "--json", at=tmp_path / "live").stdout)
    assert found["samples_day"] == pytest.approx(100 + 50 / 7, rel=0.05)
    assert "samples a day" in run("info", at=tmp_path / "live").stdout


def test_info_lists_each_tag_also_without_a_catalogue(run: Run, store: Path) -> None:
    lines = run("info", "--tags").stdout.splitlines()
    assert [line.split(": ")[0] for line in lines[-3:]] == ["line/a", "line/b", "line/c"]
    (store / "catalogue.db").unlink()
    lines = run("info", "--tags").stdout.splitlines()
    assert [line.split(": ")[0] for line in lines[-3:]] == ["#1", "#2", "#3"]


def _break(file: Path, statement: str) -> None:
    connection = connect_writer(file)
    connection.execute(statement)
    close(connection)


def test_verify_says_that_all_is_sound(run: Run) -> None:
    found = run("verify")
    assert (found.exit_code, found.stdout) == (0, "Every row is sound.\n")


def test_verify_names_the_tags_the_times_and_the_file(run: Run, store: Path) -> None:
    january, *_ = (key for key in present(store) if key.group == "default")
    _break(january.path(store), "UPDATE block SET data = zeroblob(length(data)) WHERE tag = 1")
    _break(january.path(store), "UPDATE run SET data = zeroblob(length(data))")
    found = run("verify")
    assert found.exit_code == 1
    first, second = sorted(found.stdout.splitlines())
    assert "2026-01-02 00:00:00 UTC" in first
    assert "default/2026-01.db, block" in first
    assert "Tag: line/a. Restore the file" in first
    assert "Tag: line/b." in second


def test_verify_tells_a_range_of_many_tags(run: Run, store: Path) -> None:
    with Catalogue(store) as catalogue:
        catalogue.ids_for([(f"u{n}", f"more/t{n}", False, False) for n in range(4, 20)], 1)
    writer = open_store(store, clock=clock, on_health=lambda _: None)
    tags = list(range(4, 20))
    writer.append(batch_of(tags, [at(4, 5)] * 16, [0] * 16, [1.0] * 16, [0] * 16))
    writer.close()
    _break(store / "journal.db", "UPDATE flush SET data = zeroblob(length(data)) WHERE tag_max = 19")
    found = run("verify")
    assert "Tags: more/t4 to more/t19 (16 in the order of their numbers)." in found.stdout


@pytest.mark.parametrize("name", ["journal.db", "catalogue.db", "events.db", "data/default/2026-02.db"])
def test_verify_finds_a_broken_file_and_goes_on(run: Run, store: Path, name: str) -> None:
    (store / name).write_bytes(b"x" * 20_000)
    _break(store / "data/default/2026-01.db", "UPDATE block SET data = zeroblob(length(data)) WHERE tag = 1")
    found = run("verify")
    assert found.exit_code == 1
    assert any("2026-01.db, block" in line for line in found.stdout.splitlines())
    assert any(Path(name).stem in line and "2026-01.db" not in line for line in found.stdout.splitlines())


def test_verify_finds_a_missing_catalogue_and_a_changed_trail(run: Run, store: Path) -> None:
    (store / "catalogue.db").unlink()
    _break(store / "events.db", "DROP TRIGGER audit_no_update")
    _break(store / "events.db", "UPDATE audit SET user = 'eve'")
    found = run("verify")
    assert found.exit_code == 1
    assert "catalogue.db is missing" in found.stdout
    assert "Audit trail: Record 1 was changed" in found.stdout


def test_backup_and_restore(run: Run, store: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    made = run("backup", copy)
    assert made.exit_code == 0
    assert "907 samples" in made.stdout
    again = run("backup", copy)
    assert (again.exit_code, "is not empty" in again.stderr) == (1, True)
    done = run("restore", "--by", "eve", copy)
    assert done.exit_code == 0
    assert "is as it was at" in done.stdout
    assert "history.before-" in done.stdout
    events = EventReader(store)
    assert next((r.user, r.action) for r in events.audit(Query()).lines) == ("eve", "history-restore")
    events.close()
    assert run("verify").exit_code == 0


def test_a_backup_without_a_broken_month_is_made_and_exits_1(run: Run, store: Path, tmp_path: Path) -> None:
    (store / "data/default/2026-02.db").write_bytes(b"x" * 20_000)
    made = run("backup", tmp_path / "copy")
    assert made.exit_code == 1
    assert "data/default/2026-02.db is not in the backup." in made.stderr
    assert (tmp_path / "copy" / "manifest.json").is_file()
    done = run("restore", tmp_path / "copy")
    assert done.exit_code == 0
    assert "is not in the backup" in done.stderr


def test_prune_by_age_keeps_the_last_values_and_records_who_did_it(run: Run, store: Path) -> None:
    days = (JUNE - at(3)) / DAY + _since_june()
    dry = run("prune", "--older-than", f"{days}d", "--dry-run")
    assert "default/2026-01.db would be deleted" in dry.stdout
    assert len(present(store)) == 6
    done = run("prune", "--older-than", f"{days}d", "--by", "eve")
    assert done.exit_code == 0
    assert "Retention deleted default/2026-02.db (301 samples" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("4 months, ")
    assert [str(key) for key in present(store)] == ["default/2026-03.db", "slow/2026-03.db"]
    reader = open_reader(store)
    page = reader.read_raw(3, at(3), at(3) + 1, bounds=True)
    assert (page.time.tolist()[0], page.value.tolist()[0]) == (at(2, 3), 5.0)
    reader.close()
    events = EventReader(store)
    found = [(r.user, r.object, r.old) for r in events.audit(Query()).lines if r.action == "history-prune"]
    assert events.verify_audit() == []
    events.close()
    assert sorted(found)[0] == ("eve", "default/2026-01.db", "301")
    assert len(found) == 4


def _since_june() -> float:
    """The command reads the real clock."""
    import time

    return (time.time_ns() - JUNE) / DAY


def test_prune_by_size_of_one_group(run: Run, store: Path) -> None:
    done = run("prune", "--larger-than", "1kB", "--group", "slow")
    assert done.exit_code == 0
    assert [str(key) for key in present(store) if key.group == "slow"] == []
    assert len(present(store)) == 3


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "Say what may go"),
        (["--older-than", "10"], 2, "10"),
        (["--larger-than", "much"], 2, "is no size"),
        (["--older-than", "1d", "--group", "none"], 1, "There is no group 'none'"),
    ],
)
def test_prune_refuses_what_is_not_clear(run: Run, arguments: list[str], code: int, words: str) -> None:
    found = run("prune", *arguments)
    assert found.exit_code == code
    assert words in found.stderr


def test_a_store_in_use_is_not_touched(run: Run, store: Path, tmp_path: Path) -> None:
    run("backup", tmp_path / "copy")
    lock = FolderLock(store, JUNE)
    for words in (
        ("prune", "--older-than", "1d"),
        ("restore", tmp_path / "copy"),
        ("annotate", "--start", "1", "--text", "x"),
        ("edit-annotation", "1", "--text", "x"),
        ("delete-annotation", "1"),
    ):
        found = run(*words)
        assert found.exit_code == 1
        assert "is written by process" in found.stderr
    lock.release()
    assert len(present(store)) == 6


@pytest.mark.parametrize(
    "words",
    [
        ("info",),
        ("verify",),
        ("backup", "copy"),
        ("prune", "--older-than", "1d"),
        ("annotate", "--start", "1", "--text", "x"),
        ("edit-annotation", "1", "--text", "x"),
        ("delete-annotation", "1"),
        ("annotations",),
    ],
)
def test_no_store_is_a_sentence(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    found = run(*words, at=tmp_path / "nowhere")
    assert found.exit_code == 1
    assert "There is no history in" in found.stderr
    assert not (tmp_path / "nowhere").exists()


def test_annotations_are_written_and_listed(run: Run, store: Path) -> None:
    place = ("--start", "2026-01-02T00:00:00Z", "--end", "2026-01-02T01:00:00Z")
    assert run("annotate", "--tag", "line/a", *place, "--text", "Filter changed.", "--by", "anna").exit_code == 0
    assert run("annotate", "--start", str(at(2)), "--text", "Power cut.", "--by", "bob").stdout == (
        "Annotation 2 is written.\n"
    )
    lines = run("annotations").stdout.splitlines()
    assert lines[0].startswith(
        "1: 2026-01-02T00:00:00.000000000Z to 2026-01-02T01:00:00.000000000Z, line/a: Filter changed. (anna, "
    )
    assert "the whole line: Power cut. (bob" in lines[1]
    assert len(run("annotations", "--tag", "line/b").stdout.splitlines()) == 1
    (found,) = json.loads(run("annotations", "--end", str(at(1, 3)), "--json").stdout)
    assert (found["path"], found["history"][0]["text"], found["history"][0]["who"]) == (
        "line/a",
        "Filter changed.",
        "anna",
    )
    wrong = run("annotate", "--tag", "line/z", "--start", "1", "--text", "x")
    assert (wrong.exit_code, "There is no tag 'line/z'" in wrong.stderr) == (1, True)


def test_annotations_are_changed_and_taken_back_and_the_trail_says_by_whom(run: Run, store: Path) -> None:
    run("annotate", "--start", str(at(2)), "--text", "Power cut.", "--by", "bob")
    changed = run("edit-annotation", "1", "--text", "Power cut, 3 s.", "--by", "anna")
    assert (changed.exit_code, changed.stdout) == (0, "Annotation 1 is changed.\n")
    assert "the whole line: Power cut, 3 s. (anna, " in run("annotations").stdout
    for _ in range(2):  # harmless when repeated
        deleted = run("delete-annotation", "1", "--by", "bob")
        assert (deleted.exit_code, deleted.stdout) == (0, "Annotation 1 is deleted.\n")
    assert run("annotations").stdout == ""
    (found,) = json.loads(run("annotations", "--deleted", "--json").stdout)
    assert [(said["who"], said["text"]) for said in found["history"]] == [
        ("bob", "Power cut."),
        ("anna", "Power cut, 3 s."),
        ("bob", None),
    ]
    events = EventReader(store)
    trail = [record for record in events.audit(Query()).lines if record.object == "annotation 1"]
    events.close()
    assert sorted((r.user, r.action, r.old, r.new) for r in trail) == [
        ("anna", "annotation-edit", '"Power cut."', '"Power cut, 3 s."'),
        ("bob", "annotation-delete", '"Power cut, 3 s."', "null"),
    ]
    run("edit-annotation", "1", "--text", "It was one.", "--by", "anna")
    assert "It was one. (anna, " in run("annotations").stdout


@pytest.mark.parametrize("words", [("edit-annotation", "7", "--text", "x"), ("delete-annotation", "7")])
def test_an_annotation_that_is_not_there_is_told(run: Run, words: tuple[str, ...]) -> None:
    found = run(*words)
    assert (found.exit_code, "There is no annotation 7." in found.stderr) == (1, True)
