"""The line's own counters, seen over all machines."""

from collections.abc import Sequence
from dataclasses import dataclass

from hmi.softplc.packml import State
from hmi.softplc.plant.machine import Machine
from hmi.softplc.plant.motion import lag

WAITING = frozenset({State.HELD, State.ABORTED, State.STOPPED})


@dataclass
class Counters:
    """Bottles in and out, throughput, and whether somebody is needed."""

    bottles_in: int = 0
    bottles_out: int = 0
    rejects: int = 0
    throughput: float = 24_000.0
    running_machines: int = 6
    producing: bool = True
    beacon: bool = False
    heartbeat: int = 0
    cmd_reset_counters: bool = False

    def step(self, dt: float, entered: int, stacked: int, rejected: int, machines: Sequence[Machine]) -> None:
        """Count what entered, left and was thrown out during `dt` seconds."""
        if self.cmd_reset_counters:
            self.bottles_in = self.bottles_out = self.rejects = 0
            self.cmd_reset_counters = False
        self.bottles_in += entered
        self.bottles_out += stacked
        self.rejects += rejected
        self.throughput = lag(self.throughput, stacked / dt * 3600.0, dt, 60.0)
        self.running_machines = sum(machine.running for machine in machines)
        self.producing = self.running_machines == len(machines)
        self.beacon = any(machine.state in WAITING for machine in machines)
        self.heartbeat = (self.heartbeat + 1) % 65_536
