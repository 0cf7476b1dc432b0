"""Gates: which commands their interlocks would not let through now, so that a button can say so before it is pressed.

The station judges every write by itself; this only keeps a person from asking in vain.
"""

from __future__ import annotations

from collections.abc import Iterable

from hmi.core.expression import ExpressionError, parse
from hmi.core.instants import Instants
from hmi.core.interlock import Interlock, Reading
from hmi.core.tag import TagType
from hmi.link.messages import TagInfo
from hmi.panel.stores.binding import Binding
from hmi.panel.stores.session import SessionStore
from hmi.panel.stores.values import NotifyPaths, Shown, ValueStore


class Gates:
    """The interlocks of some commands, judged with every change of what they read, until closed."""

    def __init__(self, values: ValueStore, session: SessionStore, paths: Iterable[str], changed: NotifyPaths) -> None:
        """`changed` names the commands whose reason is another one now."""
        self._values = values
        self._session = session
        self._changed = changed
        self._paths = frozenset(paths)
        self._texts: dict[str, str] = {}
        self._inputs: dict[str, tuple[str, ...]] = {}
        self._made: dict[str, tuple[tuple[TagInfo, ...], Interlock]] = {}
        self._why: dict[str, str] = {}
        self._read: Binding | None = None
        self._bindings = [values.bind(self._paths, self._commands_changed), session.listen(self._judge)]
        self._commands_changed(self._paths)

    def why(self, path: str) -> str:
        """What keeps a command from being carried out now and what to do first; empty: nothing that is known."""
        return self._why.get(path, "")

    def close(self) -> None:
        """Nobody looks any more."""
        for binding in (*self._bindings, *([self._read] if self._read is not None else [])):
            binding.close()
        self._bindings, self._read = [], None

    def _commands_changed(self, _paths: frozenset[str]) -> None:
        """What the commands are became known, or is another thing in another project."""
        infos = {path: self._values.shown(path).info for path in self._paths}
        texts = {path: i.interlock for path, i in infos.items() if i is not None and i.interlock and not i.to_safe}
        if texts == self._texts:
            return
        self._texts = texts
        self._inputs = {path: inputs for path, text in texts.items() if (inputs := _inputs(text))}
        before = self._read
        wanted = frozenset(path for inputs in self._inputs.values() for path in inputs)
        self._read = self._values.bind(wanted, self._inputs_changed) if wanted else None
        if before is not None:
            before.close()  # after the new one is bound, so that values both need are not forgotten between
        self._judge()

    def _inputs_changed(self, _paths: frozenset[str]) -> None:
        self._judge()

    def _judge(self) -> None:
        before = self._why
        live = self._session.sees_live
        self._why = {p: why for p in self._inputs if (why := self._reason(p))} if live else {}
        news = {path for path in {*before, *self._why} if before.get(path) != self._why.get(path)}
        if news:
            self._changed(frozenset(news))

    def _reason(self, path: str) -> str:
        shown = {name: self._values.shown(name) for name in self._inputs[path]}
        infos = tuple(s.info for s in shown.values() if s.info is not None)
        if len(infos) < len(shown) or any(s.value is None for s in shown.values()):
            return ""  # not known yet: the station would say so
        made = self._made.get(path)
        if made is None or made[0] != infos:
            try:
                interlock = Interlock(path, self._texts[path], {info.path: TagType(info.type) for info in infos})
            except ExpressionError:
                return ""  # a newer station's language: it judges alone
            made = self._made[path] = infos, interlock
        now = Instants(mono=0, utc=self._session.station_utc())
        return made[1].judge({name: _reading(name, s) for name, s in shown.items()}, now).why


def _inputs(text: str) -> tuple[str, ...]:
    try:
        return parse(text).inputs
    except ExpressionError:
        return ()


def _reading(path: str, shown: Shown) -> Reading:
    info = shown.info
    if info is None:
        return Reading(shown.value, shown.status, path)
    return Reading(shown.value, shown.status, info.description or path, info.unit, info.states)
