"""What the station remembers: samples in columns inside SQLite, and everything people and alarms did."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hmi.historian.history import History


def open(folder: str | os.PathLike[str]) -> History:  # noqa: A001 - read as hmi.historian.open
    """History for numpy and pandas: `with hmi.historian.open(folder) as history: history.raw(tag, start, end)`.

    Raises:
        StoreError: there is no store in the folder, or it cannot be read.
    """
    from hmi.historian.history import History  # noqa: PLC0415 - importing the package must stay cheap

    return History(folder)
