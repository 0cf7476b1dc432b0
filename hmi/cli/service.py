"""Making a station a service of the system, so that it starts with the PC and is restarted when its scan stands."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click

from hmi.cli.exits import fail, sentences
from hmi.cli.folders import FOLDER
from hmi.station.places import SYSTEM_ROOT

UNITS = Path("/etc/systemd/system")


@click.group()
def service() -> None:
    """A station as a service of this PC."""


@service.command()
@click.argument("project", type=FOLDER)
@click.option(
    "--user", default="lineside", show_default=True, help="Account under which it runs, and who may sign in on this PC."
)
@click.option("--data", type=FOLDER, help="The station's data folder.")
@click.option("--print", "only_print", is_flag=True, help="Print the unit instead of installing it.")
@sentences
def install(project: Path, user: str, data: Path | None, only_print: bool) -> None:
    """Install PROJECT's station as a systemd service with a watchdog on its scan."""
    from hmi.station.loading import load_project

    if not only_print and not sys.platform.startswith("linux"):
        fail("Services are installed on Linux with systemd. Elsewhere let the system start `hmi station PROJECT`.")
    loaded, _, _ = load_project(project, data)
    folder = (data if data is not None else SYSTEM_ROOT / _unit_name(project)).resolve()
    text = unit(loaded.file.name, project.resolve(), folder, user)
    if only_print:
        click.echo(text, nl=False)
        return
    _prepare(folder, user)
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
    passwd = ["hmi", "user", "--project", project.resolve(), "--data", folder, "passwd", "NAME"]
    click.echo(f"Set passwords as its account: sudo -u {user} {sys.executable} -m {shlex.join(map(str, passwd))}")


def _prepare(folder: Path, user: str) -> None:
    """Makes what the service needs before it first starts: systemd makes the usual place only."""
    from pwd import getpwnam  # exists on POSIX alone

    try:
        getpwnam(user)
        if SYSTEM_ROOT.exists() and SYSTEM_ROOT.owner() not in (user, "root"):
            fail(
                f"The services here keep their data in {SYSTEM_ROOT} as {SYSTEM_ROOT.owner()}: use --user for that one."
            )
        if not folder.is_relative_to(SYSTEM_ROOT) and not folder.exists():
            folder.mkdir(parents=True, mode=0o700)
            shutil.chown(folder, user)
    except LookupError:
        fail(f"This PC has no account {user!r}: make it with `useradd --system {user}`, or name another with --user.")
    except OSError as error:
        fail(f"{folder} cannot be made: {error.strerror or error}. Run the command as root.")


def _unit_name(project: Path) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", project.resolve().name)


def unit(title: str, project: Path, data: Path, user: str) -> str:
    """The systemd unit: restarted after a crash and after ten seconds without a scan."""
    title = title.replace("\n", " ").replace("%", "%%")
    # A path that is not there yet must not keep the unit from starting ("-"): the station says in words what is wrong.
    elsewhere = "" if data.is_relative_to(SYSTEM_ROOT) else f"ReadWritePaths={_quoted(f'-{data}')}\n"
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
Environment={_quoted(f"LINESIDE_DATA={SYSTEM_ROOT}")}
StateDirectory={SYSTEM_ROOT.name}
NoNewPrivileges=yes
ProtectSystem=strict
{elsewhere}PrivateTmp=yes

[Install]
WantedBy=multi-user.target
"""


def _quoted(path: object) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'
