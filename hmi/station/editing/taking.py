"""Takes changed records into a candidate: what tags, connections, displays and types they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from hmi.core.project import ConnectionConfig
from hmi.core.tag import Tag
from hmi.core.template import Instance, Template
from hmi.station.editing.layout import Laid, explained
from hmi.station.editing.model import Candidate, Model, Place
from hmi.station.editing.records import Key, decoded
from hmi.station.editing.uses import uses_of_connection, uses_of_display, uses_of_tag


class Fault(NamedTuple):
    """Something wrong with a record."""

    key: Key
    where: str
    what: str
    warns: bool = False


class Taking:
    """One candidate in the making."""

    def __init__(self, model: Model, documents: Mapping[Key, bytes]) -> None:
        """`documents`: every record that becomes another one; empty: it goes."""
        self._model = model
        self.candidate = Candidate.of(model)
        self.candidate.documents = dict(documents)
        self.faults: list[Fault] = []
        self._take_types()
        self._take_lines()
        for key, document in documents.items():
            if key.kind == "connection":
                self._take_connection(key, document)
        self._take_displays()

    # ---- types and tags ----

    def _take_types(self) -> None:
        changed = {key.name: document for key, document in self.candidate.documents.items() if key.kind == "type"}
        if not changed:
            return
        for name, document in changed.items():
            if document:
                self._converted(Key("type", name), document, Template)
        self.candidate.layout = self._model.layout.changed(changed)
        for name, flaws in self.candidate.layout.flaws.items():
            self.faults += [Fault(Key("type", name), flaw.where, flaw.what) for flaw in flaws]

    def _take_lines(self) -> None:
        documents = {key: document for key, document in self.candidate.documents.items() if key.kind == "tag"}
        records = self._model.texts.records([key for key in documents if self._is_instance(key)])
        for key, document in documents.items():
            before = self._model.layout.line(records[key].document) if key in records else self._plain(key)
            self._exchange(key, before, self.candidate.layout.line(document) if document else None)
        for instance in self._of_changed_types():
            key = Key("tag", instance.uid)
            if key not in documents:
                self._exchange(key, self._model.layout.instance(instance), self.candidate.layout.instance(instance))

    def _is_instance(self, key: Key) -> bool:
        return self._model.tag(key.name) is None

    def _plain(self, key: Key) -> Laid:
        tag = self._model.tag(key.name)
        return Laid({} if tag is None else {"": tag}, None)

    def _of_changed_types(self) -> list[Instance]:
        if self.candidate.layout is self._model.layout:
            return []
        instances = self._model.running.instances.values()
        names = {instance.of for instance in instances}
        changed = set(self._model.layout.differing(self.candidate.layout, names))
        return [instance for instance in instances if instance.of in changed]

    def _exchange(self, key: Key, before: Laid, after: Laid | None) -> None:
        """What a line makes now, in place of what it made."""
        candidate = self.candidate
        if before.instance is not None:
            here = candidate.instances.get(before.instance.path)
            if here is not None and here.uid == before.instance.uid:  # another one may have taken the path already
                del candidate.instances[before.instance.path]
        kept = {} if after is None else {tag.uid: (member, tag) for member, tag in after.tags.items()}
        if after is not None:
            self.faults += [Fault(key, where, what) for where, what in after.misfits]
            if after.instance is not None:
                self._take_instance(key, after.instance)
        for uid, (member, tag) in kept.items():
            candidate.places[uid] = Place(key, member)
            if self._model.tag(uid) != tag:
                self._put(tag)
        for member, tag in before.tags.items():
            if tag.uid not in kept:
                candidate.places[tag.uid] = Place(key, member)
                candidate.gone.add(tag.uid)
                candidate.uses[Key("tag", tag.uid)] = ()

    def _put(self, tag: Tag) -> None:
        candidate = self.candidate
        candidate.gone.discard(tag.uid)
        candidate.put[tag.uid] = tag
        candidate.by_path.setdefault(tag.path, tag.uid)
        candidate.uses[Key("tag", tag.uid)] = tuple(uses_of_tag(tag))

    def _take_instance(self, key: Key, instance: Instance) -> None:
        other = self.candidate.instances.get(instance.path)
        if other is not None and other.uid != instance.uid and Key("tag", other.uid) not in self.candidate.documents:
            self.faults.append(Fault(key, "path", f"{instance.path!r} is already the path of another instance"))
        self.candidate.instances[instance.path] = instance

    # ---- connections and displays ----

    def _take_connection(self, key: Key, document: bytes) -> None:
        candidate = self.candidate
        if not document:
            candidate.connections.pop(key.name, None)
            candidate.uses[key] = ()
            return
        config = self._converted(key, document, ConnectionConfig)
        if config is not None:
            candidate.connections[key.name] = config
            candidate.uses[key] = tuple(uses_of_connection(key.name, config))

    def _take_displays(self) -> None:
        """Displays that are others, and those whose instances are."""
        candidate = self.candidate
        changed = {key.name: document for key, document in candidate.documents.items() if key.kind == "display"}
        for name, document in {**self._with_instances(changed), **changed}.items():
            key = Key("display", name)
            if not document:
                candidate.displays.pop(name, None)
                candidate.uses[key] = ()
                continue
            whole, misfits = candidate.layout.display(document, candidate.instances)
            self.faults += [Fault(key, where, what) for where, what in misfits]
            if candidate.displays.get(name) != whole:
                candidate.displays[name] = whole
                candidate.uses[key] = tuple(uses_of_display(name, whole))

    def _with_instances(self, others: Iterable[str]) -> dict[str, bytes]:
        """The displays that have to be laid out anew although nobody has edited them."""
        same = self.candidate.layout is self._model.layout
        if same and self.candidate.instances == self._model.running.instances:
            return {}
        names = [name for name in self._model.texts.names("display") if name not in set(others)]
        records = self._model.texts.records([Key("display", name) for name in names])
        return {r.key: r.document for r in records.values() if b'"instance"' in r.document}

    def _converted(self, key: Key, document: bytes, type_: type[Any]) -> Any:
        try:
            return msgspec.json.decode(document, type=type_)
        except msgspec.DecodeError as error:
            self.faults += [Fault(key, where, what) for where, what in explained(decoded(document), type_, error)]
            return None


def renamed_paths(candidate: Candidate) -> dict[str, str]:
    """New path by old one, of tags and of instances."""
    found: dict[str, str] = {}
    for uid, tag in candidate.put.items():
        before = candidate.model.tag(uid)
        if before is not None and before.path != tag.path:
            found[before.path] = tag.path
    now = {instance.uid: path for path, instance in candidate.instances.items()}
    if candidate.instances != candidate.model.running.instances:
        for path, instance in candidate.model.running.instances.items():
            if now.get(instance.uid, path) != path:
                found[path] = now[instance.uid]
    return found
