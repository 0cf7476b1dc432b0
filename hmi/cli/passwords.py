"""Passwords for commands: typed unseen at a terminal, or the first line of a pipe for scripts; never an argument."""

from __future__ import annotations

import sys

import click

from hmi.cli.exits import fail
from hmi.core.errors import LinesideError


def ask() -> str:
    """The password of somebody who signs in."""
    if not sys.stdin.isatty():
        return _piped()
    while not (password := _typed("Password")):
        click.echo("Type the password, or press Ctrl-C to leave.", err=True)
    return password


def new(user: str) -> str:
    """A new password: typed twice by a person, who is told the rule before.

    Raises:
        LinesideError: what was piped in breaks the rule.
    """
    from hmi.station.users import LEAST_LENGTH, check_password

    if not sys.stdin.isatty():
        password = _piped()
        check_password(user, password)
        return password
    click.echo(
        f"Choose a password for {user}: at least {LEAST_LENGTH} characters, and not one of the common ones.", err=True
    )
    while True:
        password = _typed("New password")
        try:
            check_password(user, password)
        except LinesideError as error:
            click.echo(str(error), err=True)
            continue
        if _typed("The same again") == password:
            return password
        click.echo("The two were not the same: type both again.", err=True)


def _typed(label: str) -> str:
    """What a person types unseen; an empty entry is returned, so that it can be answered with a sentence."""
    text: str = click.prompt(label, default="", show_default=False, hide_input=True, err=True)
    return text


def _piped() -> str:
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        fail("A password is needed: run the command at a terminal, or pipe the password into it.")
    return line
