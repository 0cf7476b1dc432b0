"""Making a station a service of the system, so that it starts with the PC and is restarted when its scan stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click

from hmi.cli.exits import fail, sentences
from hmi.cli.project import PROJECT

UNITS = Path("/etc/systemd/system")


@click.group()
def service() -> None:
    """A station as a service of this PC."""


@service.command()
@click.argument("project", type=PROJECT)
@click.option("--user", default="lineside", show_default=True, help="System user under which it runs.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="The station's data folder.")
@click.option("--print", "only_print", is_flag=True, help="Print the unit instead of installing it.")
@sentences
def install(project: Path, user: str, data: Path | None, only_print: bool) -> None:
    """Install PROJECT's station as a systemd service with a watchdog on its scan."""
    from hmi.station.loading import load_project

    if not only_print and not sys.platform.startswith("linux"):
        fail("Services are installed on Linux with systemd. Elsewhere let the system start `hmi station PROJECT`.")
    loaded, _, _ = load_project(project)
    folder = data if data is not None else Path("/var/lib/lineside") / _unit_name(project)
    text = unit(loaded.file.name, project.resolve(), folder, user)
    if only_print:
        click.echo(text, nl=False)
        return
    name = f"lineside-{_unit_name(project)}.service"
    try:
        (UNITS / name).write_text(text, "utf-8")
    except OSError as error:
        fail(f"{UNITS / name} cannot be written: {error.strerror}. Run the command as root.")
    for arguments in (["daemon-reload"], ["enable", "--now", name]):
        done = subprocess.run(["systemctl", *arguments], check=False, capture_output=True, text=True)  # noqa: S603, S607
        if done.returncode != 0:
            fail(f"systemctl {' '.join(arguments)} failed: {done.stderr.strip()}")
    click.echo(f"{name} runs; `systemctl status {name}` shows it.")


def _unit_name(project: Path) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", project.resolve().name)


def unit(title: str, project: Path, data: Path, user: str) -> str:
    """The systemd unit: restarted after a crash and after ten seconds without a scan."""
    title = title.replace("\n", " ").replace("%", "%%")
    return f"""[Unit]
Description=Lineside station: {title}
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
NotifyAccess=main
ExecStart={_quoted(sys.executable)} -m hmi station {_quoted(project)} --data {_quoted(data)}
User={user}
WatchdogSec=10
Restart=always
RestartSec=2
StateDirectory=lineside
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths={_quoted(data)}
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
"""


def _quoted(path: object) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'
