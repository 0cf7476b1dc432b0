"""`python -m hmi.drivers.process NAME`: started by a station, which it talks to over its standard input and output."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys

from hmi.drivers.process.worker import serve


def main() -> None:
    """Serves the station until it is gone."""
    inwards, outwards = os.dup(0), os.dup(1)
    # What a library reads or prints must not get into the conversation.
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is wanted
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is the station's to answer
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    asyncio.run(serve(inwards, outwards))


if __name__ == "__main__":
    main()
