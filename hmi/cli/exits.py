"""How commands end: exit codes, and errors as one sentence instead of a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, NoReturn

import click

from hmi.core.errors import ConnectError, LinesideError, ProjectError

DONE: Final = 0
WRONG: Final = 1
"""The user's input or project is wrong."""
USAGE: Final = 2
NO_CONNECTION: Final = 3


def fail(sentence: str, code: int = WRONG) -> NoReturn:
    """Ends the program with a sentence on stderr."""
    click.echo(sentence, err=True)
    sys.exit(code)


def sentences(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turns the errors a user can cause into sentences and exit codes."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except ProjectError as error:
            for problem in error.problems:
                click.echo(str(problem), err=True)
            fail(str(error))
        except ConnectError as error:
            fail(str(error), NO_CONNECTION)
        except LinesideError as error:
            fail(str(error))

    return run
