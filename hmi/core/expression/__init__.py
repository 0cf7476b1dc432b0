"""Expression language of derived tags, alarm conditions and interlocks.

Text becomes a small whitelisted tree (`parse`), is checked against the tags it reads (`check`), and becomes a
program that never raises and never gives a better quality than its inputs allow (`compile_`). The language is
described in docs/expressions.md.
"""

from hmi.core.expression.checking import check
from hmi.core.expression.graph import order
from hmi.core.expression.parser import parse
from hmi.core.expression.printing import print_tree
from hmi.core.expression.problem import CycleError, ExpressionError, StateError
from hmi.core.expression.program import Program, Result, State, compile_
from hmi.core.expression.renaming import rename, rename_all
from hmi.core.expression.signatures import ResultType
from hmi.core.expression.tree import Expression, references

__all__ = [
    "CycleError",
    "Expression",
    "ExpressionError",
    "Program",
    "Result",
    "ResultType",
    "State",
    "StateError",
    "check",
    "compile_",
    "order",
    "parse",
    "print_tree",
    "references",
    "rename",
    "rename_all",
]
