"""How an aggregate is to treat doubt: OPC UA's AggregateConfiguration, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hmi.core.errors import LinesideError

# StatusCodes of processed reads alone: no tag ever has them.
BAD_INVALID_ARGUMENT: Final = 0x80AB0000
BAD_AGGREGATE_NOT_SUPPORTED: Final = 0x80D50000
BAD_AGGREGATE_INVALID_INPUTS: Final = 0x80D60000
BAD_AGGREGATE_CONFIGURATION_REJECTED: Final = 0x80DA0000


class AggregateError(LinesideError):
    """A processed read that cannot be answered as a whole, with the StatusCode an OPC UA client is given for it."""

    def __init__(self, status: int, what: str, do: str) -> None:
        super().__init__(what, do)
        self.status = status


@dataclass(frozen=True, slots=True)
class AggregateConfig:
    """The defaults are those of OPC UA Part 13."""

    stepped: bool = False
    """The value holds until the next sample (booleans, states, set points, tags stored with a deadband); False: it
    goes straight to it."""
    treat_uncertain_as_bad: bool = True
    percent_data_bad: int = 100
    """The result is Bad from this share of Bad samples or Bad time on; 0..100."""
    percent_data_good: int = 100
    """A result that is not Bad is Good from this share on, and Uncertain below it; 0..100."""
    use_sloped_extrapolation: bool = False
    """After the last sample go on along the last two, instead of holding the last; interpolated bounds only."""

    def __post_init__(self) -> None:
        """Refuses shares that contradict each other.

        Raises:
            AggregateError: a share outside 0..100, or an interval could be neither Good nor Bad nor in between.
        """
        bad, good = self.percent_data_bad, self.percent_data_good
        if not (0 <= bad <= 100 and 0 <= good <= 100):
            raise AggregateError(
                BAD_AGGREGATE_CONFIGURATION_REJECTED,
                f"PercentDataBad {bad} and PercentDataGood {good} must be between 0 and 100.",
                "Leave them out for 100.",
            )
        if good < 100 - bad:
            raise AggregateError(
                BAD_AGGREGATE_CONFIGURATION_REJECTED,
                f"With PercentDataBad {bad} and PercentDataGood {good} an interval could be Good and Bad at once.",
                f"Give a PercentDataGood of at least {100 - bad}.",
            )
