"""A Modbus TCP PLC on a real socket."""

from collections.abc import Callable, Sequence

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from hmi.softplc.image import Change, Image
from hmi.softplc.modbus_map import allocate
from hmi.softplc.modbus_registers import UNIT_ID, Registers
from hmi.softplc.words import WordOrder


class ModbusPlc:
    """Serves an image; can leave the network and come back on the same port."""

    def __init__(
        self,
        image: Image,
        order: WordOrder,
        address: tuple[str, int],
        served: Callable[[Sequence[Change]], None],
        clock: Callable[[], int],
    ) -> None:
        self.image = image
        self._served = served
        self._address = address
        self._registers = Registers(image, allocate(image.points.values()), order, served, clock)
        self._server: ModbusTcpServer | None = None

    @property
    def endpoint(self) -> str:
        """Where clients find it."""
        return f"modbus://{self._address[0]}:{self._address[1]}"

    async def open(self) -> None:
        """Listen; a port 0 becomes a free one and stays.

        Raises:
            OSError: the port is taken.
        """
        if self._server is not None:
            return
        blank = SimDevice(UNIT_ID, SimData(0, values=0, datatype=DataType.REGISTERS))
        server = ModbusTcpServer(blank, address=self._address)
        server.context = self._registers
        if not await server.listen():
            raise OSError(f"{self._address[0]}:{self._address[1]} is taken")
        self._address = (self._address[0], _port_of(server))
        self._server = server

    async def close(self) -> None:
        """Drop every client and refuse new ones."""
        server, self._server = self._server, None
        if server is not None:
            await server.shutdown()  # type: ignore[no-untyped-call]  # the library is untyped here

    async def scan(self, tick: int, time: int) -> None:
        """Read what is due; there is nothing to push, since a Modbus client asks."""
        self._served(self.image.scan(tick, time))


def _port_of(server: ModbusTcpServer) -> int:
    port: int = server.transport.sockets[0].getsockname()[1]  # type: ignore[attr-defined]  # listeners have sockets
    return port
