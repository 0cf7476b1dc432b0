"""The pasteuriser's temperature controller: ISA form, derivative on the measurement, anti-windup by clamping."""

from dataclasses import dataclass

from hmi.softplc.plant.motion import clamp, lag


@dataclass
class Pid:
    """A controller with output 0..100 %; `gain` in %/unit, `reset` and `rate` in seconds."""

    gain: float
    reset: float
    rate: float
    output: float = 0.0
    _integral: float = 0.0
    _filtered: float | None = None

    def track(self, output: float, measurement: float) -> None:
        """Follow a hand-set output so that the change to automatic is bumpless."""
        self.output = self._integral = clamp(output, 0.0, 100.0)
        self._filtered = measurement

    def step(self, dt: float, target: float, measurement: float) -> float:
        """One control cycle; returns the new output in %."""
        before = measurement if self._filtered is None else self._filtered
        self._filtered = lag(before, measurement, dt, max(self.rate / 8.0, dt))
        slope = (self._filtered - before) / dt
        error = target - measurement
        integral = self._integral + self.gain * error * dt / max(self.reset, 1.0)
        wanted = self.gain * (error - self.rate * slope) + integral
        self.output = clamp(wanted, 0.0, 100.0)
        if self.output == wanted or (wanted > 100.0) != (error > 0.0):
            self._integral = clamp(integral, -100.0, 200.0)
        return self.output
