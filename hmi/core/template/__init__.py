"""Templates: a type of equipment with its tags, alarms, history and picture, and the instances that are made of it."""

from hmi.core.template.document import Flaw, Instance, Template, is_instance_line
from hmi.core.template.expand import Expander, Member, symbol_elements
from hmi.core.template.override import difference, merged
from hmi.core.template.picture import laid_out
from hmi.core.template.resolve import Types, resolve

__all__ = [
    "Expander",
    "Flaw",
    "Instance",
    "Member",
    "Template",
    "Types",
    "difference",
    "is_instance_line",
    "laid_out",
    "merged",
    "resolve",
    "symbol_elements",
]
