"""Commands on a store of samples; they work on its folder, also without a station. Each has a file of its own."""

from __future__ import annotations

import click

from hmi.cli.aggregate import aggregate
from hmi.cli.history_care import backup, info, prune, restore, verify
from hmi.cli.history_export import export
from hmi.cli.history_import import import_
from hmi.cli.history_notes import annotate, delete_annotation, edit_annotation, list_annotations


@click.group()
def history() -> None:
    """The history of a station."""


for _command in (
    info,
    export,
    import_,
    aggregate,
    verify,
    backup,
    restore,
    prune,
    annotate,
    edit_annotation,
    delete_annotation,
    list_annotations,
):
    history.add_command(_command)
