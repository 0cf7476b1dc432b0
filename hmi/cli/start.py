"""Starting a line: soft PLCs, station and panel as processes of their own, in order, with one sentence each."""

from __future__ import annotations

import json
import secrets
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import click

from hmi.cli import passwords
from hmi.cli.free_port import require_free
from hmi.cli.processes import Child, Children
from hmi.cli.run import has_display
from hmi.cli.scenarios import require_scenario
from hmi.core.errors import LinesideError
from hmi.core.project import Listen
from hmi.resources import assets
from hmi.softplc.ports import PLCS, Ports
from hmi.station.data_folder import open_data_folder
from hmi.station.places import data_folder, url_for
from hmi.station.project_store import read, read_file
from hmi.station.project_texts import require_project

STARTS_WITHIN: Final = 30.0
"""Seconds a process may take until it is ready."""


def run_demo(*, headless: bool, seconds: float | None, scenario: str, data: Path | None) -> None:
    """The demo line until Ctrl-C, until its panel is closed, or for `seconds`."""
    require_scenario(scenario)
    project = assets() / "demo"
    folder = data if data is not None else data_folder(project)
    listen = _listen(project)
    _require_free_demo(listen)
    _first_password(project, folder)
    with Children(folder / "logs") as children:
        # All at once: the station waits for its PLCs, the panel for its station, and a person for neither.
        plcs = children.start(
            "soft PLCs", "hmi.softplc", f"--scenario={scenario}", *_places(Ports()), again=True, bound=True
        )
        station = _start_station(children, project, folder, bound=True)
        url = url_for(listen.host, listen.port)
        panel = None if _no_panel(headless, url) else _start_panel(children, url, bound=True)
        endpoints = json.loads(children.wait_for_line(plcs, STARTS_WITHIN))
        click.echo("Soft PLCs: " + ", ".join(f"{name} {place}" for name, place in endpoints.items()))
        click.echo(f"Station: {_listening(children, station)}")
        click.echo("Stop with Ctrl-C.")
        children.wait(seconds, until=panel)
        if panel is not None and panel.failed:
            raise panel.failure(panel.ended)


def _require_free_demo(listen: Listen) -> None:
    do = "Stop that program (another demo, `hmi plc` or `hmi station`), then start the demo again."
    ports = Ports()
    for name in PLCS:
        require_free("127.0.0.1", getattr(ports, name), f"the demo's {name} PLC needs", do)
    require_free(listen.host, listen.port, "the demo's station needs", do)


def _places(ports: Ports) -> list[str]:
    return [f"--{name}-port={getattr(ports, name)}" for name in PLCS]


def run_project(project: Path, *, headless: bool, data: Path | None) -> None:
    """A station and a panel; attaches to the station that already runs this project.

    They outlive this process if it is killed: the line goes on, and the next start attaches to it.
    """
    require_project(project)
    folder = data if data is not None else data_folder(project)
    url = _running(folder)  # before the signals are the group's: a station that hangs answers late, Ctrl-C must not
    attached = url is not None
    with Children(folder / "logs") as children:
        if url is None:
            listen = _listen(project)
            do = "Stop that program, or choose another port in project.toml: [listen] port."
            require_free(listen.host, listen.port, "the project's station needs", do)
            station = _start_station(children, project, folder)
            url = _listening(children, station)
            for sentence in station.said():
                click.echo(sentence, err=True)
            click.echo(f"Station: {url}")
        else:
            click.echo(f"The station already runs at {url}; closing the panel leaves it running.")
        panel = None if _no_panel(headless, url) else _start_panel(children, url)
        children.wait(None, until=panel)
        if panel is not None and not attached and not children.interrupted:
            children.forget(panel)
            how = str(panel.failure(panel.ended)) if panel.failed else "The panel was closed."
            click.echo(f"{how} The station runs on. Stop it with Ctrl-C, or `hmi panel --connect {url}`.")
            children.wait(None)
        elif panel is not None and panel.failed:
            raise panel.failure(panel.ended)


def _start_station(children: Children, project: Path, folder: Path, *, bound: bool = False) -> Child:
    return children.start("station", "hmi", "station", str(project), "--data", str(folder), bound=bound)


def _start_panel(children: Children, url: str, *, bound: bool = False) -> Child:
    return children.start("panel", "hmi", "panel", "--connect", url, bound=bound)


def _listening(children: Children, station: Child) -> str:
    """Where the station says that it listens."""
    return children.wait_for_line(station, STARTS_WITHIN).rpartition(" ")[2]


def _listen(project: Path) -> Listen:
    """Where the project's station will listen; anywhere while its file is broken, since another project runs then."""
    file = read_file(project)
    return file.listen if file is not None else Listen(port=0)


def _no_panel(headless: bool, url: str) -> bool:
    if headless:
        return True
    if has_display():
        return False
    click.echo(
        f"No display here, so no panel: look with `hmi status`, or attach a panel with `hmi panel --connect {url}`."
    )
    return True


def _running(folder: Path) -> str | None:
    """Address of the station that holds this data folder, if one does."""
    from websockets.exceptions import WebSocketException

    from hmi.cli.link_client import LinkClient

    with suppress(OSError, ValueError, KeyError, LinesideError, WebSocketException):
        url = str(json.loads((folder / "listening.json").read_text("utf-8"))["url"])
        with LinkClient(url) as client:
            # After a power cut the note is stale, and another line's station may listen there now.
            same = client.opened.proved and client.opened.welcome.station == open_data_folder(folder).station
        return url if same else None
    return None


def _first_password(project: Path, folder: Path) -> None:
    """The first start asks for a password of one's own; there is none built in."""
    from hmi.station.users import FILE, Users

    if (folder / FILE).exists():
        return  # a later start, which need not load the whole project for this
    decoded, _ = read(project)
    if decoded is None:
        return  # the station will say what is wrong with it
    users = Users(open_data_folder(folder).path, decoded.users)
    if users.has_passwords():
        return
    name = next((n for n, role in decoded.users.items() if role == "admin"), "")
    if not name:
        return
    if sys.stdin.isatty():
        click.echo(f"First start: the user {name} needs a password of your own.")
        users.set_password(name, passwords.new(name))
        return
    password = secrets.token_urlsafe(12)
    users.set_password(name, password)
    click.echo(f"First start: sign in as {name} with the password {password} - it is shown only now.")
