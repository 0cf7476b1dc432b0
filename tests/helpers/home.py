"""Tests get an empty home: they neither read nor write what belongs to the person who runs them."""

from collections.abc import Mapping
from pathlib import Path

FOLDERS = {
    "HOME": "",
    "USERPROFILE": "",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_RUNTIME_DIR": ".run",
    "APPDATA": "AppData/Roaming",
    "LOCALAPPDATA": "AppData/Local",
}
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ws_proxy", "wss_proxy")
"""A proxy of the machine would take connections even to loopback."""

SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


def settings(home: Path) -> dict[str, str]:
    """The variables that lead to this home; its folders are made, private as a login would make them."""
    values = {name: home / folder for name, folder in FOLDERS.items()}
    for folder in values.values():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {name: str(folder) for name, folder in values.items()}


def unwanted(environment: Mapping[str, str]) -> list[str]:
    """Variables of the person's session that would change what a test does."""
    proxies = [name for name in environment if name.lower() in PROXIES]
    screens = [] if environment.get("QT_QPA_PLATFORM", "offscreen") != "offscreen" else list(SCREENS)
    return proxies + [name for name in screens if name in environment]
