"""An ended month gets its last form as a whole, whatever is filed into it meanwhile."""

from hmi.historian import block_table, rollup_table, run_table
from hmi.historian.options import StoreOptions
from hmi.historian.promotion import Promoter
from hmi.historian.rolling import Roller
from hmi.historian.sealing import Sealing
from tests.helpers_historian.bench import DAY, Bench, at, key
from tests.helpers_historian.columns import rows

SECOND = 1_000_000_000


def test_samples_filed_while_a_month_gets_its_last_form_get_it_too(bench: Bench) -> None:
    bench.file(rows(*[(1, at(1, 3, i * 10 * SECOND), float(i)) for i in range(8640)]), blocks=True)
    sealing = Sealing(key(1), bench.shelf, Promoter(bench.shelf, StoreOptions()), Roller(bench.shelf))
    steps = 0
    while not sealing.done:
        sealing.step()
        steps += 1
        if steps == 3:  # its runs and its days have been looked through
            bench.file(rows((1, at(1, 3, 5), -1.0)))
    with bench.shelf.explained(key(1)):
        file = bench.shelf.open(key(1))
        assert file.sealed
        assert run_table.buckets(file.connection) == []
        assert [block.rows for block in block_table.listed(file.connection, 1, 0)] == [4321, 4320]
        assert rollup_table.days_of(file.connection, 1) == {at(1, 3) // DAY}


def test_late_samples_may_come_at_every_step(bench: Bench) -> None:
    """However often they come, the form is the last one when it is said to be."""
    for late_at in range(8):
        sealing = Sealing(key(1), bench.shelf, Promoter(bench.shelf, StoreOptions()), Roller(bench.shelf))
        bench.file(rows((1, at(1, 3), 1.0), (300, at(1, 3), 1.0)), blocks=True)
        steps = 0
        while not sealing.done:
            if steps == late_at:
                bench.file(rows((1, at(1, 3, late_at), 2.0)))
            sealing.step()
            steps += 1
        with bench.shelf.explained(key(1)):
            assert bench.shelf.open(key(1)).sealed
            assert run_table.buckets(bench.shelf.open(key(1)).connection) == []
