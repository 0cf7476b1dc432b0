"""From records to tags and pictures: plain tags are one each, instances of types are several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec

from hmi.core.tag import Tag
from hmi.core.template import Expander, Instance, Template, is_instance_line, laid_out, resolve
from hmi.core.template import Flaw as TypeFlaw

_TAG: Final = msgspec.json.Decoder(Tag)
_INSTANCE: Final = msgspec.json.Decoder(Instance)
_TEMPLATE: Final = msgspec.json.Decoder(Template)


class Misfit(NamedTuple):
    """What keeps a record from being laid out."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Laid:
    """What a line of `tags/*.jsonl` makes."""

    tags: Mapping[str, Tag]
    """By their name within the instance; a plain tag has none."""
    instance: Instance | None
    misfits: tuple[Misfit, ...] = ()


class Layout:
    """The types of a project, ready to make instances of."""

    def __init__(self, documents: Mapping[str, bytes]) -> None:
        """`documents` are the types by name; those that do not decode are left out, their own fault is told."""
        self.documents = dict(documents)
        templates: dict[str, Template] = {}
        for name, document in documents.items():
            try:
                templates[name] = _TEMPLATE.decode(document)
            except msgspec.DecodeError:
                continue
        types = resolve(templates)
        self.flaws: Mapping[str, list[TypeFlaw]] = types.flaws
        self.expander = Expander(types)

    def changed(self, documents: Mapping[str, bytes]) -> Layout:
        """The same with other types; an empty document: the type goes."""
        whole = {**self.documents, **documents}
        return Layout({name: document for name, document in whole.items() if document})

    def line(self, line: bytes) -> Laid:
        """The tags of a line."""
        if not is_instance_line(line):
            tag, misfits = _decoded(_TAG, line, Tag)
            return Laid({"": tag} if tag is not None else {}, None, tuple(misfits))
        instance, misfits = _decoded(_INSTANCE, line, Instance)
        return Laid({}, None, tuple(misfits)) if instance is None else self.instance(instance)

    def instance(self, instance: Instance) -> Laid:
        """The tags of an instance."""
        members, flaws = self.expander.tags(instance)
        misfits = [Misfit(flaw.where, flaw.what) for flaw in flaws]
        tags: dict[str, Tag] = {}
        for member in members:
            try:
                tags[member.name] = msgspec.convert(member.document, Tag)
            except msgspec.ValidationError as error:
                found = explained(member.document, Tag, error)
                misfits += [Misfit(f"{member.name}.{where}".rstrip("."), what) for where, what in found]
        return Laid(tags, instance, tuple(misfits))

    def display(self, document: bytes, instances: Mapping[str, Instance]) -> tuple[bytes, list[Misfit]]:
        """A display with the pictures of instances in it; `instances` by path."""
        try:
            whole, flaws = laid_out(document, instances, self.expander)
        except ValueError as error:
            return document, [Misfit("", f"is no valid JSON: {error}")]
        return whole, [Misfit(flaw.where, flaw.what) for flaw in flaws]

    def differing(self, other: Layout, names: Iterable[str]) -> Iterator[str]:
        """Those of some types of which instances may look otherwise in another layout."""
        for name in names:
            if self.expander.whole(name) != other.expander.whole(name):
                yield name


def explained(document: object, type_: type[Any], error: Exception) -> list[tuple[str, str]]:
    """(place, sentence) of everything that keeps a document from being decoded."""
    # pydantic is slow to load, and a right document never needs it.
    from hmi.station.explain import explain  # noqa: PLC0415

    return explain(document, type_) or [("", str(error))]


def _decoded(decoder: Any, line: bytes, type_: type[Any]) -> tuple[Any, list[Misfit]]:
    try:
        return decoder.decode(line), []
    except msgspec.DecodeError as error:
        try:
            document = msgspec.json.decode(line)
        except msgspec.DecodeError as broken:
            return None, [Misfit("", f"is no valid JSON: {broken}")]
        return None, [Misfit(where, what) for where, what in explained(document, type_, error)]
