"""A register map as plants have them, and the fewest requests that it can take: found by trying every way to part it.

Nothing of the driver is used for the proof: a shortest path over all reads that may exist (from any tag to any later
one), which no plan can beat.
"""

import math
from collections.abc import Sequence
from random import Random

Place = tuple[int, int]
"""First register and number of registers."""
KINDS = {1: "uint16", 2: "float32", 4: "float64"}
LIMIT = 125


def scattered(registers: int, seed: int) -> list[Place]:
    """Values of 1, 2 and 4 registers in clusters of all sizes, with holes between them; so many registers in all."""
    random = Random(seed)
    places: list[Place] = []
    address, left = 0, registers
    while left:
        if random.random() < 0.25:
            address += random.choice((1, 2, 3, 5, 9, 20, 60))
        count = min(random.choice((1, 1, 2, 2, 4)), left & -left if left < max(KINDS) else left)
        places.append((address, count))
        address, left = address + count, left - count
    return places


def fewest(places: Sequence[Place], gap: int) -> int:
    """Requests of the best plan: `LIMIT` registers at most, no more than `gap` unnamed ones in a row, values whole."""
    best: list[float] = [0, *([math.inf] * len(places))]
    for first, (begin, _) in enumerate(places):
        end = begin
        for last in range(first, len(places)):
            address, count = places[last]
            if address - end > gap or address + count - begin > LIMIT:
                break
            end = address + count
            best[last + 1] = min(best[last + 1], best[first] + 1)
    return int(best[-1])
