"""The command line: imports happen inside each command, so that none pays for another's."""

from hmi.cli.main import main

__all__ = ["main"]
