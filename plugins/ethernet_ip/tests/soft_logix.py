"""A soft Logix controller: as much of CIP over EtherNet/IP as a client of tags needs, as a process of its own.

Written from the public description of the protocol; it shares no code with the client under test. Takes one JSON
command a line, answers each with one line.
"""

import json
import socketserver
import struct
import sys
import threading

OK, NO_PATH, PARTIAL, NO_SERVICE, WRONG_LENGTH, EMBEDDED, TYPE_DIFFERS = 0, 0x05, 0x06, 0x08, 0x15, 0x1E, 0xFF
LOST = 0x07
ATOMS = {"BOOL": (0xC1, 1), "SINT": (0xC2, 1), "INT": (0xC3, 2), "DINT": (0xC4, 4), "LINT": (0xC5, 8)}
ATOMS |= {"REAL": (0xCA, 4), "LREAL": (0xCB, 8), "DWORD": (0xD3, 4)}
STRUCTURE = 0x02A0
PAGE = 3
"""Tags in one answer to the question for the list."""


class Template:
    """A structure: what lies where in it."""

    def __init__(self, number, handle, name, size, members):
        self.number, self.handle, self.name, self.size = number, handle, name, size
        self.members = members
        """(name, type, count or bit, offset)"""

    def definition(self):
        rows = b"".join(struct.pack("<HHI", info, code_of(type_), at) for _, type_, info, at in self.members)
        names = "".join(f"{name}\0" for name, *_ in self.members)
        return rows + f"{self.name};nEBECEAHA\0{names}".encode()


STRING = Template(0xFCE, 0x0FCE, "ASCIISTRING82", 88, [("LEN", "DINT", 0, 0), ("DATA", "SINT", 82, 4)])
MOTOR = Template(
    0x234,
    0x1234,
    "Motor",
    112,
    [
        ("ZZZZZZZZZZMotor0", "SINT", 0, 0),
        ("Run", "BOOL", 0, 0),
        ("Fault", "BOOL", 1, 0),
        ("Speed", "REAL", 0, 4),
        ("Counts", "DINT", 4, 8),
        ("Name", STRING, 0, 24),
    ],
)


def code_of(type_):
    return 0x8000 | type_.number if isinstance(type_, Template) else ATOMS[type_][0]


def size_of(type_):
    return type_.size if isinstance(type_, Template) else ATOMS[type_][1]


class Tag:
    """A tag and its bytes."""

    def __init__(self, type_, *dims, access=0):
        self.type, self.dims, self.access = type_, dims, access
        count = 1
        for dim in dims:
            count *= dim
        self.data = bytearray(size_of(type_) * count)


TAGS = {
    "Level": Tag("REAL"),
    "Total": Tag("LINT"),
    "Mode": Tag("INT"),
    "Bits": Tag("DINT"),
    "Ready": Tag("BOOL"),
    "Locked": Tag("DINT", access=2),
    "Recipe": Tag(STRING),
    "Table": Tag("DINT", 10),
    "Grid": Tag("REAL", 3, 4),
    "Flags": Tag("DWORD", 2),
    "Pump": Tag(MOTOR),
    "Pumps": Tag(MOTOR, 3),
    "Names": Tag(STRING, 2),
    "Program:Main.Step": Tag("DINT"),
    "Program:Main.Pump": Tag(MOTOR),
}
LOCK = threading.Lock()


class State:
    """What the controller counts, and what it is made to do wrong."""

    run = True
    garbled = False
    swallow = False
    """It takes a write, and the connection breaks before the answer."""
    small = False
    """It knows small connections only."""
    dead = False
    """Its connections have timed out."""
    hold = threading.Event()
    """Not set: it answers nothing."""
    writes: list = []  # noqa: RUF012
    frames = 0
    closed = 0
    """Connections that clients gave back."""


class Place:
    """Where a path leads: a value inside a tag."""

    def __init__(self, data, at, type_, left, bit=None):
        self.data, self.at, self.type, self.left, self.bit = data, at, type_, left, bit


def path_of(raw):
    """Logical segments as (kind, number), names as texts."""
    found, at = [], 0
    while at < len(raw):
        kind = raw[at]
        if kind == 0x91:
            length = raw[at + 1]
            found.append(raw[at + 2 : at + 2 + length].decode())
            at += 2 + length + length % 2
        else:
            wide = {0: 1, 1: 2, 2: 4}[kind & 3]
            start = at + 1 + (wide > 1)
            found.append((kind & 0xFC, int.from_bytes(raw[start : start + wide], "little")))
            at = start + wide
    return found


def place_of(path):
    """The value at a symbolic path; None where there is none."""
    names = list(path)
    base = names.pop(0)
    if base.startswith("Program:") and names:
        base = f"{base}.{names.pop(0)}"
    tag = next((tag for name, tag in TAGS.items() if name.lower() == base.lower()), None)
    if tag is None:
        return None
    place = Place(tag.data, 0, tag.type, len(tag.data) // size_of(tag.type))
    dims = list(tag.dims)
    while names:
        step = names.pop(0)
        if isinstance(step, tuple):
            indexes = [step[1]]
            while names and isinstance(names[0], tuple):
                indexes.append(names.pop(0)[1])
            if len(indexes) != len(dims) or any(i >= d for i, d in zip(indexes, dims, strict=True)):
                return None
            number = 0
            for i, d in zip(indexes, dims, strict=True):
                number = number * d + i
            place.at += number * size_of(place.type)
            place.left -= number
            dims = []
        elif isinstance(place.type, Template):
            member = next((m for m in place.type.members if m[0].lower() == step.lower()), None)
            if member is None:
                return None
            _, type_, info, offset = member
            if type_ == "BOOL":
                return Place(place.data, place.at + offset, type_, 1, info)
            place = Place(place.data, place.at + offset, type_, info or 1)
            dims = [info] if info else []
        else:
            return None
    return place


def head_of(type_):
    if isinstance(type_, Template):
        return struct.pack("<HH", STRUCTURE, type_.handle)
    return struct.pack("<H", ATOMS[type_][0])


def read_tag(place, data, offset=0, most=100000):
    (count,) = struct.unpack_from("<H", data)
    if count > place.left:
        return NO_PATH, b""
    if place.bit is not None:
        return OK, head_of("BOOL") + bytes([0xFF * (place.data[place.at] >> place.bit & 1)])
    raw = bytes(place.data[place.at : place.at + count * size_of(place.type)])[offset:]
    return (PARTIAL if len(raw) > most else OK), head_of(place.type) + raw[:most]


def write_tag(place, data, text):
    """Takes exactly one value, and nothing behind it."""
    head = head_of(place.type)
    if data[: len(head)] != head:
        return TYPE_DIFFERS, b""
    raw = data[len(head) + 2 :]
    if len(raw) != size_of(place.type) or data[len(head) : len(head) + 2] != b"\x01\x00":
        return WRONG_LENGTH, b""
    State.writes.append([text, raw.hex()])
    if place.bit is not None:
        mask = 1 << place.bit
        place.data[place.at] = place.data[place.at] | mask if raw[0] else place.data[place.at] & ~mask
    else:
        place.data[place.at : place.at + len(raw)] = raw
    return OK, b""


def modify_tag(place, data, text):
    (size,) = struct.unpack_from("<H", data)
    if len(data) != 2 + 2 * size or size != size_of(place.type):
        return WRONG_LENGTH, b""
    or_mask = int.from_bytes(data[2 : 2 + size], "little")
    and_mask = int.from_bytes(data[2 + size :], "little")
    old = int.from_bytes(place.data[place.at : place.at + size], "little")
    State.writes.append([text, f"or {or_mask:x} and {and_mask:x}"])
    place.data[place.at : place.at + size] = ((old | or_mask) & and_mask).to_bytes(size, "little")
    return OK, b""


def symbols(program, first):
    """The list of tags, a page of it."""
    found = []
    prefix = f"{program}." if program else ""
    for number, (name, tag) in enumerate(TAGS.items(), 1):
        if name.startswith("Program:") == bool(program) and name.startswith(prefix):
            code = code_of(tag.type) | len(tag.dims) << 13
            found.append((number, name.removeprefix(prefix), code, tag.dims, tag.access))
    if not program:
        found += [(90, "Program:Main", 0x1068, (), 0), (91, "__hidden", 0xC4, (), 0), (92, "Task:Fast", 0x1070, (), 0)]
    page = [row for row in found if row[0] >= first]
    raw = b""
    for number, name, code, dims, access in page[:PAGE]:
        raw += struct.pack("<IH", number, len(name)) + name.encode() + struct.pack("<HIII", code, 0, 0, 1 << 26)
        raw += struct.pack("<III", *(*dims, 0, 0, 0)[:3]) + bytes([access])
    return (PARTIAL if len(page) > PAGE else OK), raw


def template(service, number, data):
    found = next((t for t in (STRING, MOTOR) if t.number == number), None)
    if found is None:
        return NO_PATH, b""
    definition = found.definition()
    if service == 0x03:
        words = (len(definition) + 21 + 3) // 4
        raw = struct.pack("<HHHI", 4, 4, 0, words) + struct.pack("<HHI", 5, 0, found.size)
        return OK, raw + struct.pack("<HHH", 2, 0, len(found.members)) + struct.pack("<HHH", 1, 0, found.handle)
    offset, count = struct.unpack_from("<IH", data)
    part = definition[offset : offset + min(count, 60)]
    return (PARTIAL if offset + len(part) < len(definition) else OK), part


def identity():
    status = b"\x60\x30" if State.run else b"\x70\x30"
    name = b"1756-L83E/B"
    return struct.pack("<HHHBB", 1, 14, 166, 32, 11) + status + struct.pack("<I", 0xC0FFEE) + bytes([len(name)]) + name


def carried_out(message):
    """The answer to one CIP message."""
    service, words = message[0], message[1]
    path, data = path_of(message[2 : 2 + 2 * words]), message[2 + 2 * words :]
    numbers = [step[1] for step in path if isinstance(step, tuple)]
    of_tag = isinstance(path[0], str) and service != 0x55
    status, raw = of_value(service, path, data) if of_tag else of_object(service, path, numbers, data)
    return bytes([service | 0x80, 0, status, 0]) + raw


def of_value(service, path, data):
    place, text = place_of(path), ".".join(step if isinstance(step, str) else str(step[1]) for step in path)
    if place is None:
        return NO_PATH, b""
    services = {
        0x4C: lambda: read_tag(place, data),
        0x52: lambda: read_tag(place, data, int.from_bytes(data[2:6], "little"), 480),
        0x4D: lambda: write_tag(place, data, text),
        0x4E: lambda: modify_tag(place, data, text),
    }
    return services[service]() if service in services else (NO_SERVICE, b"")


def of_object(service, path, numbers, data):
    objects = {
        0x01: lambda: (OK, identity()),
        0x02: lambda: several(data),
        0x06: lambda: connection(service, data),
        0x64: lambda: (OK, struct.pack("<H", 4) + b"Line"),
        0x6B: lambda: symbols(path[0] if isinstance(path[0], str) else "", numbers[1]),
        0x6C: lambda: template(service, numbers[1], data),
    }
    return objects[numbers[0]]() if numbers[0] in objects else (NO_SERVICE, b"")


def connection(service, data):
    if service == 0x4E:
        State.closed += 1
        return OK, data[2:10] + bytes(2)
    if service == 0x54 or (service == 0x5B and not State.small):
        return OK, struct.pack("<II", 0x1001, 0x2002) + data[10:18] + bytes(10)
    return NO_SERVICE, b""


def several(data):
    (count,) = struct.unpack_from("<H", data)
    starts = struct.unpack_from(f"<{count}H", data, 2)
    ends = [*starts[1:], len(data)]
    answers = [carried_out(data[a:b]) for a, b in zip(starts, ends, strict=True)]
    at, offsets = 2 + 2 * count, []
    for one in answers:
        offsets.append(at)
        at += len(one)
    status = EMBEDDED if any(one[2] for one in answers) else OK
    return status, struct.pack(f"<H{count}H", count, *offsets) + b"".join(answers)


class Client(socketserver.BaseRequestHandler):
    """One client's session."""

    def handle(self):
        while frame := self._frame():
            State.frames += 1
            before = len(State.writes)
            with LOCK:
                found = self._answer(*frame)
            State.hold.wait(30)
            if found is None or (State.swallow and len(State.writes) > before):
                return
            self.request.sendall(b"\xff\x00garbage\x01\x02" * 6 if State.garbled else found)

    def _frame(self):
        head = self._exactly(24)
        body = self._exactly(struct.unpack_from("<H", head, 2)[0]) if head else None
        return None if body is None else (head, body)

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            try:
                part = self.request.recv(count - len(data))
            except OSError:
                return None
            if not part:
                return None
            data += part
        return data

    def _answer(self, head, body):
        kind = struct.unpack_from("<H", head)[0]
        if kind == 0x66:
            return None
        if kind == 0x65:
            return self._framed(head, body, session=0x77)
        if kind == 0x63:
            item = struct.pack("<H", 1) + struct.pack(">hH4s8x", 2, 44818, bytes([127, 0, 0, 1])) + identity() + b"\x03"
            return self._framed(head, struct.pack("<HHH", 1, 0x0C, len(item)) + item)
        if kind == 0x6F:
            found = carried_out(self._unwrapped(body[16:]))
            return self._framed(head, body[:8] + struct.pack("<HHHH", 0, 0, 0xB2, len(found)) + found)
        sequence, message = body[20:22], body[22:]
        found = sequence + (bytes([message[0] | 0x80, 0, LOST, 0]) if State.dead else carried_out(message))
        return self._framed(head, body[:8] + struct.pack("<HHIHH", 0xA1, 4, 0x2002, 0xB1, len(found)) + found)

    def _unwrapped(self, message):
        """What is to be sent on through the backplane, or the message itself."""
        if message[0] != 0x52 or path_of(message[2:6])[0][1] != 0x06:
            return message
        (length,) = struct.unpack_from("<H", message, 8)
        return message[10 : 10 + length]

    def _framed(self, head, body, session=None):
        own = head[4:8] if session is None else struct.pack("<I", session)
        return head[:2] + struct.pack("<H", len(body)) + own + bytes(4) + head[12:20] + bytes(4) + body


class Controller(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def place_by_text(text):
    steps = []
    for part in text.replace("]", "").split("."):
        name, *indexes = part.split("[")
        steps += [name, *((0x28, int(i)) for i in (indexes[0].split(",") if indexes else []))]
    return place_of(steps)


def command(name, *arguments):
    if name == "put":
        text, raw = arguments
        place = place_by_text(text)
        data = bytes.fromhex(raw)
        place.data[place.at : place.at + len(data)] = data
    elif name == "get":
        text, count = arguments
        place = place_by_text(text)
        return place.data[place.at : place.at + count].hex()
    elif name == "set":
        setattr(State, *arguments)
    elif name == "hold":
        (State.hold.clear if arguments[0] else State.hold.set)()
    elif name == "tell":
        return getattr(State, *arguments)
    elif name == "drop":
        del TAGS[arguments[0]]
    return None


def main(port):
    State.hold.set()
    with Controller(("127.0.0.1", port), Client) as controller:
        threading.Thread(target=controller.serve_forever, daemon=True).start()
        print("ready", flush=True)  # noqa: T201
        for line in sys.stdin:
            with LOCK:
                told = command(*json.loads(line))
            print(json.dumps(told), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]))
