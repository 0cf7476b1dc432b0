"""The watch: link and alarms made seen and heard on every page, whatever the page does."""

from __future__ import annotations

from PySide6.QtCore import QObject

from hmi.panel.alarms.annunciator import Annunciator
from hmi.panel.alarms.banner import Banner
from hmi.panel.alarms.sounder import Sounder
from hmi.panel.link_bar import LinkBar
from hmi.panel.status_bar import StatusBar
from hmi.panel.stores import Stores
from hmi.panel.stores.alarms import unacknowledged
from hmi.panel.tree import NavigationTree
from hmi.panel.widgets.blink import Blink


class Watch(QObject):
    """Keeps banner, link bar, tree marks, status bar and horn true to the stores."""

    def __init__(
        self,
        stores: Stores,
        banner: Banner,
        link_bar: LinkBar,
        tree: NavigationTree,
        status: StatusBar,
        sounder: Sounder,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._stores = stores
        self._banner, self._link_bar, self._tree, self._status = banner, link_bar, tree, status
        self._sounder = sounder
        self._annunciator = Annunciator()
        self._blink = Blink(self)
        self._blink.changed.connect(self._on_blink)
        status.ticked.connect(link_bar.refresh)
        banner.silence_wanted.connect(self.silence)
        self._bindings = [
            stores.session.listen(self._on_session),
            stores.alarms.listen(self._on_alarms),
            stores.atlas.listen(self._on_atlas),
        ]
        self._on_atlas()
        self._on_session()

    def silence(self) -> None:
        """Stops the sound of what stands; it acknowledges nothing."""
        self._annunciator.silence()
        self._sound()

    def hold_bright(self) -> None:
        """Stops the flash in its bright half, for a picture."""
        self._blink.set_active(False)

    def close(self) -> None:
        """Lets go of the stores and of the horn."""
        for binding in self._bindings:
            binding.close()
        self._blink.set_active(False)
        self._sounder.close()

    def _on_session(self) -> None:
        session = self._stores.session
        self._status.refresh()
        self._link_bar.refresh()
        self._annunciator.link(down=not session.live and bool(session.since_utc))
        self._on_alarms()

    def _on_alarms(self) -> None:
        rows, session = self._stores.alarms.rows(), self._stores.session
        self._banner.refresh()
        self._tree.refresh()
        self._blink.set_active(self._stores.alarms_live and any(unacknowledged(row) for row in rows))
        # A session that may not view is told nothing of alarms: the horn must not go on for one that may be gone.
        self._annunciator.alarms(() if session.live and not session.can_view else rows)
        self._sound()

    def _on_atlas(self) -> None:
        self._tree.rebuild()

    def _on_blink(self, lit: bool) -> None:
        self._banner.set_lit(lit)
        self._tree.set_lit(lit)

    def _sound(self) -> None:
        self._sounder.set_tone(self._annunciator.tone)
