"""The tag table of a project as a spreadsheet: out whole, in with everything said before anything is written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hmi.cli.exits import WRONG, sentences
from hmi.cli.folders import FOLDER

if TYPE_CHECKING:
    from hmi.core.sheet import Comparison
    from hmi.station.loading import Checked

Document = dict[str, Any]


@click.group()
def tags() -> None:
    """The tag table of a project."""


@tags.command(name="export")
@click.argument("project", type=FOLDER)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="FILE.csv or FILE.xlsx; without it CSV.")
@sentences
def export(project: Path, out: Path | None) -> None:
    """Write the tags of PROJECT as a table: one tag a row, one field a column, nothing that a spreadsheet would run."""
    from hmi.core.sheet import table_of, write_csv, write_xlsx
    from hmi.station.loading import check_folder

    checked = check_folder(project)
    checked.require()
    rows = table_of(sorted(_documents(checked).values(), key=lambda document: str(document["path"])))
    if out is None:
        click.echo(write_csv(rows).decode("utf-8-sig"), nl=False)
    else:
        out.write_bytes(write_xlsx(rows) if out.suffix.lower() == ".xlsx" else write_csv(rows))
        click.echo(f"{len(rows) - 1} tags are in {out}.")


@tags.command(name="import")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--project", type=FOLDER, required=True, help="Project folder whose tags these are.")
@click.option("--whole", is_flag=True, help="The table is all there shall be: tags that it does not name go.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@sentences
def import_(file: Path, project: Path, whole: bool, dry_run: bool) -> None:
    """Take the tags of a CSV or XLSX FILE into a project: all of them, or with any error none.

    A station that runs the project shows the change as pending and takes it in when an engineer says so.
    """
    from uuid import uuid4

    from hmi.core.sheet import compare, read_csv, read_table, read_xlsx
    from hmi.station.loading import check_folder

    checked = check_folder(project)
    present = _documents(checked)
    rows = read_xlsx(file.read_bytes()) if file.suffix.lower() == ".xlsx" else read_csv(file.read_bytes())
    reading = read_table(rows, present.values(), checked.require().connections, lambda: uuid4().hex[:12])
    for fault in reading.faults:
        click.echo(f"{file.name}: {fault}")
    if reading.faults:
        click.echo(f"{len(reading.faults)} errors; nothing was changed.", err=True)
        sys.exit(WRONG)
    found = compare(present.values(), reading.documents, whole=whole)
    _tell(found)
    if not dry_run and not found.is_empty:
        _save(project, checked, found)


def _documents(checked: Checked) -> dict[str, Document]:
    """The lines of plain tags by uid; instances of types have no row of their own."""
    import json

    from hmi.core.template import is_instance_line

    lines = (
        line
        for name, data in sorted(checked.texts.items())
        if name.startswith("tags/")
        for line in data.split(b"\n")
        if line.strip() and not is_instance_line(line)
    )
    documents = (json.loads(line) for line in lines)
    return {document["uid"]: document for document in documents}


def _tell(found: Comparison) -> None:
    for document in found.added:
        click.echo(f"added    {document['path']}")
    for change in found.changed:
        fields = ", ".join(f"{head}: {before} -> {after}" for head, before, after in change.fields())
        click.echo(f"changed  {change.before['path']}  {fields}")
    for document in found.removed:
        click.echo(f"removed  {document['path']}")
    counts = (len(found.added), len(found.changed), len(found.removed))
    click.echo("{} added, {} changed, {} removed.".format(*counts))


def _save(project: Path, checked: Checked, found: Comparison) -> None:
    """Writes the lines that differ, after the whole project was checked with them."""
    from hmi.historian.durable import replace
    from hmi.station.editing.differing import with_files
    from hmi.station.editing.records import Key, line_of
    from hmi.station.editing.texts import ProjectTexts
    from hmi.station.loading import check_texts, drivers_of
    from hmi.station.places import data_folder

    wanted = [*found.added, *(change.after for change in found.changed)]
    documents = {Key("tag", d["uid"]): line_of(d) for d in wanted}
    documents |= {Key("tag", d["uid"]): b"" for d in found.removed}
    texts = ProjectTexts(checked.texts)
    folders = {str(d["path"]).rpartition("/")[0]: (str(d["path"]), uid) for uid, d in _documents(checked).items()}
    changed, _ = texts.with_records(documents, lambda path: _near(path, folders))
    after = with_files(checked.texts, changed)
    problems = [p for p in check_texts(after, drivers_of(data_folder(project))).problems if not p.runs_on]
    for problem in problems:
        click.echo(str(problem))
    if problems:
        click.echo(f"The project would have {len(problems)} errors; nothing was changed.", err=True)
        sys.exit(WRONG)
    for name, data in changed.items():
        replace(project / name, data)
    click.echo("Written. A station that runs this project shows the change as pending.")


def _near(path: str, folders: dict[str, tuple[str, str]]) -> tuple[str, str] | None:
    """Path and uid of a tag of the nearest folder above."""
    while path:
        path = path.rpartition("/")[0]
        if path in folders:
            return folders[path]
    return None
