"""Every warning in a log is either expected by a test, with a reason, or fails it.

A station's log is what the people of the night shift have; a warning nobody meant is a bug somebody will meet later.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

KNOWN: tuple[tuple[str, str, str], ...] = (
    # (logger, pattern, reason): records of libraries that say nothing about our code.
    ("asyncua.client", "^Requested session timeout to be", "a client of a test leaves the lifetime to the server"),
    (
        "asyncua.client",
        "^close_(session|secure_channel) was called but connection is closed",
        "the server was killed first",
    ),
    ("asyncua.client", "^Future for request id \\d+ is already done", "an answer came as its client was leaving"),
)


@dataclass(slots=True)
class Expected:
    """A record a test announced; `seen` counts how often it came."""

    pattern: str
    reason: str
    required: bool
    seen: int = 0


@dataclass(slots=True)
class LogGuard:
    """Collects what is logged at WARNING or above, whichever logger it goes to and whether or not it propagates."""

    records: list[logging.LogRecord] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)

    def handle(self, record: logging.LogRecord) -> None:
        """Take a record that somebody would be called for."""
        if record.levelno >= logging.WARNING:
            self.records.append(record)

    def expect(self, pattern: str, reason: str, *, required: bool = True) -> None:
        """Announce records whose text matches; without one of them the test fails too, unless not required."""
        if not reason.strip():
            raise ValueError("expect_log needs a reason: who is meant to read this record, and why is it right?")
        self.expected.append(Expected(pattern, reason, required))

    def problems(self) -> list[str]:
        """What came without being expected and what was expected and did not come; forgets all of it."""
        # Asked in this order: a test may be about a record that others let pass.
        unexpected = [describe(r) for r in self.records if not self._is_expected(r) and not is_known(r)]
        absent = [f"expected log record never came: {e.pattern!r}" for e in self.expected if e.required and not e.seen]
        self.records.clear()
        self.expected.clear()
        return [f"unexpected log record: {text}" for text in unexpected] + absent

    def _is_expected(self, record: logging.LogRecord) -> bool:
        matching = [expected for expected in self.expected if re.search(expected.pattern, describe(record))]
        for expected in matching:
            expected.seen += 1
        return bool(matching)

    def install(self) -> Callable[[], None]:
        """Listen at the one place every record passes; the result takes the guard away again."""
        original = logging.Logger.callHandlers

        def call_handlers(logger: logging.Logger, record: logging.LogRecord) -> None:
            self.handle(record)
            original(logger, record)

        logging.Logger.callHandlers = call_handlers  # type: ignore[method-assign]  # the only place all pass

        def remove() -> None:
            logging.Logger.callHandlers = original  # type: ignore[method-assign]  # put back what was there

        return remove


def is_known(record: logging.LogRecord) -> bool:
    """Whether a library says this that the list above explains."""
    return any(record.name.startswith(name) and re.search(pattern, record.getMessage()) for name, pattern, _ in KNOWN)


def describe(record: logging.LogRecord) -> str:
    """A record as one line: level, logger, text, and the exception's last line."""
    text = f"{record.levelname} {record.name}: {record.getMessage()}"
    error = record.exc_info[1] if record.exc_info else None
    return f"{text} [{type(error).__name__}: {error}]" if error else text


def _to_stdlib(_logger: Any, _method: str, event: dict[str, Any]) -> tuple[tuple[str], dict[str, Any]]:
    exc_info = event.pop("exc_info", None)
    fields = " ".join(f"{key}={value!r}" for key, value in event.items() if key != "event")
    return (f"{event['event']} {fields}".rstrip(),), {"exc_info": exc_info, "extra": {"event": event}}


def route_structlog() -> None:
    """Send structlog's events through the standard loggers, so that one guard and one `caplog` see everything."""
    structlog.reset_defaults()
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, _to_stdlib],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
