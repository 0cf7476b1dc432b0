from typing import Any

import numpy as np

from hmi.core.batch import Batch, batch_of
from hmi.station.live import Live
from hmi.station.tag_table import TagTable

from .fakes import FakeClock, project


class Values:
    """An engine whose tags have ids with holes between: tags of earlier projects keep theirs."""

    def values(self) -> Batch:
        return batch_of([1, 5], [0, 0], [0, 0], [10.0, 50.0], [0, 0])


def test_ids_that_no_tag_has_are_left_out_and_double_nobody() -> None:
    engine: Any = Values()
    live = Live(
        engine,
        TagTable(project(), {f"uid-line/{name}": at for at, name in enumerate(("sp", "stop", "recipe"))}),
        FakeClock().now,
    )
    rows = live.latest(np.array([0, 1, 3, 4, 5, 9], np.int32))
    assert rows.tag.tolist() == [1, 5]
