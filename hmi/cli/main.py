"""The `hmi` command: its subcommands and nothing else."""

from __future__ import annotations

import click

import hmi
from hmi.cli.configuring import apply, browse, rollback
from hmi.cli.data import audit, user
from hmi.cli.history import history
from hmi.cli.live import alarms, read, status, write
from hmi.cli.project import check
from hmi.cli.run import demo, panel, plc, run, station
from hmi.cli.secret import secret
from hmi.cli.service import service
from hmi.cli.tags import tags
from hmi.cli.trust import trust


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(hmi.__version__, prog_name="hmi")
def main() -> None:
    """Lineside: an HMI/SCADA station for production lines."""


for _command in (
    demo,
    run,
    station,
    panel,
    plc,
    check,
    status,
    read,
    write,
    alarms,
    history,
    tags,
    apply,
    rollback,
    user,
    audit,
    service,
    secret,
    trust,
):
    main.add_command(_command)
tags.add_command(browse)
