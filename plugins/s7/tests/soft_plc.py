"""A soft S7 controller: snap7's own server with what it lacks (bits, the operating mode), as a process of its own.

Takes one JSON command a line, answers each with one line.
"""

import json
import logging
import struct
import sys
import threading

import snap7.server
from snap7.server import Server, ServerISOConnection
from snap7.type import SrvArea

RUN, STOP = 8, 4
BIT = 1
AREAS = {"DB": SrvArea.DB, "M": SrvArea.MK, "I": SrvArea.PE, "Q": SrvArea.PA}
MODE_LIST = 0x0424


class Mood:
    """What the controller is made to do wrong."""

    garbled = False
    deaf_to_mode = False
    """It does not tell its operating mode."""
    swallow = False
    """It takes a write, and the connection breaks before the answer."""
    pdu = 480
    one_block = False
    """It refuses requests for more than one block."""
    hold = threading.Event()
    """Not set: it answers nothing."""


class Line(ServerISOConnection):
    """A client's connection."""

    def send_data(self, data):
        Mood.hold.wait(30)
        if Mood.garbled:
            self.socket.sendall(b"\xff\x00garbage\x01\x02" * 3)
        elif Mood.swallow and data[12:13] == b"\x05":
            raise ConnectionResetError
        else:
            super().send_data(data)


class SoftPlc(Server):
    """The controller."""

    def __init__(self):
        super().__init__(log=False)
        self.host = "127.0.0.1"
        self.memory = {}
        self.requests = 0
        self.reads = []
        """Number of blocks of each read."""
        self.writes = []
        self.tsap = None

    def area(self, name, number, size):
        self.memory[name, number] = bytearray(size)
        self.register_area(AREAS[name], number, self.memory[name, number])

    def _process_request(self, request_data, client_address):
        self.requests += 1
        return super()._process_request(request_data, client_address)

    def _handle_setup_communication(self, request):
        request["parameters"]["pdu_length"] = min(request["parameters"]["pdu_length"], Mood.pdu)
        return super()._handle_setup_communication(request)

    def _handle_read_area(self, request, client_address):
        self.reads.append(request["parameters"].get("item_count", 1))
        if Mood.one_block and self.reads[-1] > 1:
            return self._build_error_response(request, 0x8104)
        return super()._handle_read_area(request, client_address)

    def _parse_address_specification(self, addr_spec):
        return {**super()._parse_address_specification(addr_spec), "bit": addr_spec[11] & 7}

    def _parse_write_address(self, request):
        found = super()._parse_write_address(request)
        if found is None:
            return None
        area, db, start, count, data = found
        spec = request["parameters"]["address_spec"]
        bit = spec["bit"] if spec["word_len"] == BIT else None
        self.writes.append([area.name, db, start, bit, data.hex()])
        held = self.memory_areas.get((area, db))
        if bit is not None and held is not None and start < len(held):
            data = bytearray([held[start] | 1 << bit if data[0] else held[start] & ~(1 << bit)])
        return area, db, start, count, data

    def _get_szl_data(self, szl_id, szl_index):
        if szl_id != MODE_LIST or Mood.deaf_to_mode:
            return super()._get_szl_data(szl_id, szl_index)
        record = struct.pack(">HBB16x", 0x4302, 0xFF, 0x50 | int(self.cpu_state))
        return struct.pack(">HH", len(record), 1) + record


def main(port):
    logging.disable()
    snap7.server.ServerISOConnection = Line
    Mood.hold.set()
    plc = SoftPlc()
    plc.area("DB", 1, 512)
    plc.area("DB", 2, 2000)
    for name in ("M", "I", "Q"):
        plc.area(name, 0, 64)
    plc.memory["DB", 1][10] = 16  # the declared length of the text
    plc.start(port)
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        print(json.dumps(answer(plc, *json.loads(line))), flush=True)  # noqa: T201


def answer(plc, command, *arguments):
    if command == "poke":
        area, number, start, data = arguments
        raw = bytes.fromhex(data)
        plc.memory[area, number][start : start + len(raw)] = raw
    elif command == "peek":
        area, number, start, size = arguments
        return plc.memory[area, number][start : start + size].hex()
    elif command == "cpu":
        plc.set_cpu_status(*arguments)
    elif command == "mood":
        setattr(Mood, *arguments)
    elif command == "hold":
        (Mood.hold.clear if arguments[0] else Mood.hold.set)()
    elif command == "writes":
        return plc.writes
    elif command == "reads":
        return plc.reads
    return None


if __name__ == "__main__":
    main(int(sys.argv[1]))
