"""Commands on annotations: what people write beside the curves."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hmi.cli.exits import sentences
from hmi.cli.folders import store_option
from hmi.cli.history_care import by_option

if TYPE_CHECKING:
    from hmi.historian.annotations import Annotation


@click.command()
@store_option
@by_option
@click.option("--tag", "path", help="Tag path; default: the whole line.")
@click.option("--start", required=True, help="ISO 8601 UTC or ns.")
@click.option("--end", help="The same, included; default: the start alone.")
@click.option("--text", required=True, help="What happened.")
@sentences
def annotate(store: Path, by: str, path: str | None, start: str, end: str | None, text: str) -> None:
    """Write down what happened, in a store that no station writes."""
    from hmi.historian.annotations import Annotations
    from hmi.historian.catalogue import Catalogue
    from hmi.historian.offline import sole_writer
    from hmi.historian.tag_names import TagNames
    from hmi.historian.times import ns_of
    from hmi.station.clock import SystemClock

    begin = ns_of(start)
    stop = begin if end is None else ns_of(end)
    now = SystemClock().now().utc
    with sole_writer(store, now), Catalogue(store) as catalogue:
        tag = None if path is None else TagNames(catalogue).get(path, store).id
        number = Annotations(catalogue).annotate(text, by, now, begin, stop, tag)
    click.echo(f"Annotation {number} is written.")


@click.command(name="edit-annotation")
@store_option
@by_option
@click.argument("number", type=int)
@click.option("--text", required=True, help="What is said from now on.")
@sentences
def edit_annotation(store: Path, by: str, number: int, text: str) -> None:
    """Give an annotation another text, in a store that no station writes. The former one is kept; one that was deleted
    comes back."""
    _change(store, by, number, text)
    click.echo(f"Annotation {number} is changed.")


@click.command(name="delete-annotation")
@store_option
@by_option
@click.argument("number", type=int)
@sentences
def delete_annotation(store: Path, by: str, number: int) -> None:
    """Take an annotation back, in a store that no station writes. It is kept, marked as deleted."""
    _change(store, by, number, None)
    click.echo(f"Annotation {number} is deleted.")


def _change(store: Path, by: str, number: int, text: str | None) -> None:
    """Another text, or None for a deletion: beside the annotation, and in the audit trail."""
    from hmi.historian.annotations import Annotations
    from hmi.historian.audit import AuditEntry
    from hmi.historian.catalogue import Catalogue
    from hmi.historian.offline import record, sole_writer
    from hmi.station.clock import SystemClock

    now = SystemClock().now()
    with sole_writer(store, now.utc):
        with Catalogue(store) as catalogue:
            notes = Annotations(catalogue)
            before = notes.get(number).now.text
            if text is None:
                notes.delete(number, by, now.utc)
            else:
                notes.edit(number, text, by, now.utc)
            after = notes.get(number).now.text
        if after != before:
            action = "annotation-delete" if after is None else "annotation-edit"
            entry = AuditEntry(by, "", "command line", action, f"annotation {number}", before, after, result="done")
            record(store, [entry], now)


@click.command(name="annotations")
@store_option
@click.option("--tag", "paths", multiple=True, help="Only of this tag and of the whole line (repeatable).")
@click.option("--start", help="ISO 8601 UTC or ns, included.")
@click.option("--end", help="ISO 8601 UTC or ns, included.")
@click.option("--deleted", is_flag=True, help="Also those that were deleted.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@sentences
def list_annotations(
    store: Path, paths: tuple[str, ...], start: str | None, end: str | None, deleted: bool, as_json: bool
) -> None:
    """List what people have written; beside a running station too. The JSON document has also the former texts."""
    from hmi.historian.annotations import Annotations, Span
    from hmi.historian.catalogue import Catalogue
    from hmi.historian.tag_names import TagNames
    from hmi.historian.times import ns_of

    with Catalogue(store, readonly=True) as catalogue:
        tags = TagNames(catalogue)
        span = Span(
            start=Span().start if start is None else ns_of(start),
            end=Span().end if end is None else ns_of(end),
            tags={tags.get(path, store).id for path in paths} if paths else None,
            deleted=deleted,
        )
        names = {tag.id: name for name, tag in tags.all()}
        found = [(None if a.tag is None else names[a.tag], a) for a in Annotations(catalogue).find(span)]
    if as_json:
        click.echo(json.dumps([asdict(a) | {"path": path} for path, a in found]))
        return
    for path, annotation in found:
        click.echo(_line(path, annotation))


def _line(path: str | None, annotation: Annotation) -> str:
    from hmi.historian.times import iso

    when = iso(annotation.start)
    if annotation.end != annotation.start:
        when += f" to {iso(annotation.end)}"
    said = annotation.now
    text = "(deleted)" if said.text is None else said.text
    return f"{annotation.id}: {when}, {path or 'the whole line'}: {text} ({said.who}, {iso(said.written)})"
