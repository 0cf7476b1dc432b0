"""`python -m hmi.softplc`: the PLCs as a process of their own, so that tests can kill and restart them one by one."""

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import sys
from pathlib import Path

from hmi.lifeline import OPTION, end_with_parent
from hmi.softplc.run import PLCS, Endpoints, Ports, serve
from hmi.softplc.scenario import SCENARIOS


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; prints one JSON line with the endpoints when all PLCs listen."""
    options = _parser().parse_args(arguments)
    if options.with_parent:
        end_with_parent()
    # The library dumps its last packets whenever a client is cut off, which is what some scenarios are for.
    logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)
    try:
        asyncio.run(_serve(options))
    except OSError as error:
        sys.stderr.write(f"The soft PLCs cannot listen: {error}. Choose other ports or 0 for free ones.\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hmi.softplc", description=__doc__)
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), default="normal")
    parser.add_argument("--seed", type=int, default=1, help="same number, same course of events")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--process-port", type=int, default=0)
    parser.add_argument("--packaging-port", type=int, default=0)
    parser.add_argument("--utilities-port", type=int, default=0)
    parser.add_argument("--speed", type=float, default=1.0, help="physics faster than real time")
    parser.add_argument("--only", choices=PLCS, action="append", help="serve this PLC only (repeatable)")
    parser.add_argument(OPTION, action="store_true", help="end when standard input does")
    parser.add_argument("--record", type=Path, help="CSV of every value served")
    return parser


async def _serve(options: argparse.Namespace) -> None:
    run = asyncio.ensure_future(
        serve(
            options.scenario,
            seed=options.seed,
            host=options.host,
            ports=Ports(options.process_port, options.packaging_port, options.utilities_port),
            speed=options.speed,
            only=options.only or PLCS,
            record=options.record,
            ready=_announce,
        )
    )
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows' loop has no signal handlers
            loop.add_signal_handler(name, run.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await run


def _announce(endpoints: Endpoints) -> None:
    sys.stdout.write(json.dumps(endpoints) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
