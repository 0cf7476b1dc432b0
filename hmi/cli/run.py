"""Commands that run something: the demo, a project, a station, a panel, the soft PLCs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from hmi.cli.address import DEFAULT_URL, key_file_for
from hmi.cli.exits import NO_CONNECTION, fail, sentences
from hmi.cli.folders import FOLDER
from hmi.cli.scenarios import require_scenario
from hmi.lifeline import OPTION, end_with_parent

_data = click.option("--data", type=FOLDER, help="Folder for history, keys and passwords; usual place if left out.")
_with_parent = click.option(OPTION, is_flag=True, hidden=True)
_headless = click.option("--headless", is_flag=True, help="Without a panel.")


@click.command()
@_headless
@click.option("--seconds", type=click.FloatRange(min=0), help="Stop by itself after so many seconds.")
@click.option("--scenario", default="normal", show_default=True, help="What happens on the line: `hmi plc --list`.")
@_data
@sentences
def demo(headless: bool, seconds: float | None, scenario: str, data: Path | None) -> None:
    """Run the demo line: soft PLCs, station and panel."""
    from hmi.cli.start import run_demo

    run_demo(headless=headless, seconds=seconds, scenario=scenario, data=data)


@click.command()
@click.argument("project", type=FOLDER)
@_headless
@_data
@sentences
def run(project: Path, headless: bool, data: Path | None) -> None:
    """Run PROJECT: a station (or the one that already runs it) and a panel."""
    from hmi.cli.start import run_project

    run_project(project, headless=headless, data=data)


@click.command()
@click.argument("project", type=FOLDER)
@_data
@click.option("--listen", metavar="HOST:PORT", help="Instead of the project's address; port 0 takes a free one.")
@_with_parent
@sentences
def station(project: Path, data: Path | None, listen: str | None, with_parent: bool) -> None:
    """Run the station of PROJECT alone."""
    if with_parent:
        end_with_parent()
    from hmi.station.app import Start
    from hmi.station.main import run_station
    from hmi.station.places import data_folder

    host, port = _address(listen)
    start = Start(project, data if data is not None else data_folder(project), host, port)
    run_station(start, lambda url: click.echo(f"The station listens at {url}"), lambda why: click.echo(why, err=True))


def _address(listen: str | None) -> tuple[str | None, int | None]:
    if listen is None:
        return None, None
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise click.UsageError("--listen needs HOST:PORT, e.g. 127.0.0.1:8470.")
    return host.strip("[]"), int(port)


@click.command()
@click.option("--connect", "url", default=DEFAULT_URL, show_default=True, help="Address of the station.")
@click.option("--shots", type=FOLDER, help="Render every page to PNG in this folder and exit.")
@click.option(
    "--theme", type=click.Choice(["light", "dark"]), help="Instead of the one chosen last; pictures in it alone."
)
@_with_parent
@sentences
def panel(url: str, shots: Path | None, theme: str | None, with_parent: bool) -> None:
    """Open a panel."""
    if with_parent:
        end_with_parent()
    if shots is not None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    elif not has_display():
        fail("There is no display here: start the panel on a PC with a screen, or look with `hmi status`.")
    try:
        from hmi.panel.app import run as run_panel
    except ImportError as error:
        fail(f"The panel's libraries cannot be loaded ({error}): run `make install`, it names what is missing.")
    code = run_panel(f"{url}/link", lambda: key_file_for(url), shots=shots, theme=theme)
    if shots is not None and code == NO_CONNECTION:
        fail(f"Not every picture was made: no station answered at {url}. Start one, or name it with --connect.", code)
    sys.exit(code)


def has_display() -> bool:
    """Whether a window could be opened here."""
    if sys.platform in ("win32", "darwin"):
        return True
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    if chosen and chosen.partition(":")[0] not in ("xcb", "wayland"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@click.command()
@click.option("--scenario", default="normal", show_default=True, help="What happens on the line.")
@click.option("--list", "list_", is_flag=True, help="Print the scenarios.")
@click.option("--seed", default=1, show_default=True, help="Same number, same course of events.")
@sentences
def plc(scenario: str, list_: bool, seed: int) -> None:
    """Run the demo's soft PLCs alone; prints their endpoints."""
    from hmi.softplc.__main__ import main as serve
    from hmi.softplc.run import Ports
    from hmi.softplc.scenario import SCENARIOS

    if list_:
        for name in sorted(SCENARIOS):
            click.echo(name)
        return
    require_scenario(scenario)
    ports = Ports()
    places = [f"--{name}-port={getattr(ports, name)}" for name in ("process", "packaging", "utilities")]
    sys.exit(serve([f"--scenario={scenario}", f"--seed={seed}", *places]))
