"""Passwords and keys of connections: in the station's data folder, for its owner only, never in a project or a log."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hmi.core.errors import LinesideError
from hmi.station.data_folder import write_private

FILE: Final = "secrets.json"


class SecretStore:
    """The secrets of one data folder, read anew each time, so that a command and a station do not miss each other."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE

    def of(self, connection: str) -> Mapping[str, str]:
        """The secrets of a connection by name; empty when it has none.

        Raises:
            LinesideError: the file is damaged, or others can read it.
        """
        return self._read().get(connection, {})

    def names(self) -> list[tuple[str, str]]:
        """(connection, name) of every secret.

        Raises:
            LinesideError: as `of`.
        """
        return sorted((connection, name) for connection, kept in self._read().items() for name in kept)

    def put(self, connection: str, name: str, value: str) -> None:
        """Keeps a secret in place of a former one; an empty one is forgotten.

        Raises:
            LinesideError: as `of`, or the file cannot be written.
        """
        kept = self._read()
        own = {**kept.get(connection, {}), name: value}
        kept[connection] = {key: text for key, text in own.items() if text}
        kept = {key: texts for key, texts in kept.items() if texts}
        try:
            write_private(self._file, json.dumps(kept, indent=1, sort_keys=True).encode())
        except OSError as fault:
            raise LinesideError(f"The secrets in {self._file} cannot be written: {fault.strerror}.") from fault

    def _read(self) -> dict[str, dict[str, str]]:
        if not self._file.exists():
            return {}
        try:
            if os.name == "posix" and self._file.stat().st_mode & 0o077:
                raise LinesideError(f"{self._file} can be read by others.", f"Run `chmod 600 {self._file}`.")
            document = json.loads(self._file.read_bytes())
            return {
                str(connection): {str(name): str(value) for name, value in texts.items()}
                for connection, texts in document.items()
            }
        except (OSError, ValueError, AttributeError) as fault:
            # Not the fault's own text: it may quote the file.
            what = f"The secrets in {self._file} cannot be read ({type(fault).__name__})."
            raise LinesideError(what, "Delete the file and set them anew with `hmi secret set`.") from None
