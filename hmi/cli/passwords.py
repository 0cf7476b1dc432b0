"""Passwords for commands: typed unseen at a terminal, or the first line of a pipe for scripts; never an argument."""

from __future__ import annotations

import sys

import click

from hmi.cli.exits import fail


def ask(*, confirm: bool = False) -> str:
    """The password; `confirm` has a person type a new one twice."""
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=confirm, err=True)
        return password
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        fail("A password is needed: run the command at a terminal, or pipe the password into it.")
    return line
