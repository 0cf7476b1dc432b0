"""The simulated device's outside: the file that holds its memory, taken away and spoilt by the test."""

from pathlib import Path

from hmi.drivers.conformance import Sites
from plugins.simulator.driver import DRIVER
from plugins.simulator.memory import OURS


class MemoryFile:
    """Conformance's view of a simulator whose memory is a file."""

    driver = DRIVER
    endpoint = "simulator"

    def __init__(self, folder: Path) -> None:
        self._file = folder / "memory.csv"
        self._away = folder / "away.csv"
        self._file.write_text("level,0\ntext,\n", "utf-8")
        self.sites = Sites(
            number="memory:level",
            text="memory:text",
            missing="memory:nowhere",
            wrong=(
                "",
                "sine:period=0",
                "sine:speed=1",
                "walk:low=5,high=1",
                "square:duty=1",
                "csv:",
                "memory:1,2",
                "sin",
            ),
            wrong_options=(
                {"seed": 0.5},
                {"quality": "bad"},
                {"loop": 1},
                {"memory": "here.csv"},
                {"recording": 7},
                {"sede": 1},
            ),
            options={"memory": str(self._file)},
        )

    async def start(self) -> None:
        if self._away.exists():
            self._away.rename(self._file)
        lines = self._file.read_bytes().split(b"\xff")[0].decode("utf-8")
        self._file.write_text(lines, "utf-8")

    async def kill(self) -> None:
        if self._file.exists():
            self._file.rename(self._away)

    async def put(self, address: str, value: float | str) -> None:
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(f"{address.partition(':')[2]},{value}\n")

    async def writes(self, address: str) -> list[float | str]:
        name = address.partition(":")[2]
        cells = [line.split(",") for line in self._file.read_text("utf-8").splitlines()]
        return [float(cell[1]) for cell in cells if cell[0] == name and cell[2:] == [OURS]]

    async def garble(self) -> None:
        with self._file.open("ab") as lines:
            lines.write(b"\xff\x00garbage")
