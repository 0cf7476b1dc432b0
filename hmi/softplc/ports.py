"""Names and ports of the three PLCs; apart from the servers, so that a command line need not load them."""

from dataclasses import dataclass

PLCS = ("process", "packaging", "utilities")


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports of the three PLCs; 0 takes a free one. The defaults are those of the demo project."""

    process: int = 48400
    packaging: int = 15020
    utilities: int = 15021
