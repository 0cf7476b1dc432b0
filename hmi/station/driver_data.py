"""What the data folder holds for drivers: a folder for each of them, and the secrets of their connections."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hmi.station.secret_store import SecretStore

DRIVERS: Final = "drivers"


def driver_folder(data: Path, driver: str) -> Path:
    """Where a driver keeps what is the station's: certificates, trust."""
    return data / DRIVERS / driver


class DriverData:
    """The part of a station's data folder that is for its drivers."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._secrets = SecretStore(data)

    def folder(self, driver: str) -> Path:
        """The driver's own folder, made for the owner only.

        Raises:
            OSError: it cannot be made.
        """
        folder = driver_folder(self._data, driver)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def secrets(self, connection: str) -> Mapping[str, str]:
        """The secrets of a connection by name.

        Raises:
            LinesideError: the file is damaged, or others can read it.
        """
        return self._secrets.of(connection)
