"""What an argument of a LoRA config is where nobody says otherwise: the default that the file gives
for an option of its command line, a field of a dataclass or a parameter.

`lora_r` of `def main(lora_r: int = 8)`, of `add_argument("--lora_r", type=int, default=8)`, of
`@click.option`, `typer.Option` or a dataclass that HfArgumentParser reads is 8 for whoever runs the
script as it is. A value counts where all that the file says of it comes to one; None does not, as
a program that has None for a default puts something else in its place.
"""

from __future__ import annotations

import ast
from functools import cached_property

from loracheck.type_checking import TYPE_CHECKING

from .call_index import get_last_name
from .folding import Folder
from .likely_values import DefaultFollower, get_field_default
from .operations import has_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .bindings import Binding, Scope
    from .call_index import ScopedExpression
    from .origin import FoldedValue

_CONVERTERS = {"int": int, "float": float}
"""What `type=` of an option makes of a text that is its default (argparse, click)."""

_SWITCHES = {"store_true": False, "store_false": True}
"""Actions of argparse, with the default that they have."""


class DefaultValueFollower(DefaultFollower):
    """A Folder that takes defaults for values that are not known, of any type."""

    def follow_value(self, node: ast.expr, scope: Scope) -> FoldedValue | None:
        """The value that an expression has by default; None where the file does not tell one."""
        folded = self.fold(node, scope)
        if folded.value is None or has_unknown(folded.value):
            return None
        # `if lora_rank > 0:` around the config: a default of 0 is not what it gets.
        guarded = self.module.branches.is_guarded(get_last_name(node), node.lineno)
        return None if guarded and not folded.value else folded

    def _find_single(
        self, node: ast.expr, expressions: Iterable[ScopedExpression]
    ) -> FoldedValue | None:
        """The one value that all expressions come to."""
        folded = [self.fold(*one) for one in expressions if one[0] not in self._names]
        if not folded or any(has_unknown(one.value) for one in folded):
            return None
        first = folded[0]
        alike = all(type(o.value) is type(first.value) and o.value == first.value for o in folded)
        return self._place_at_node(node, first) if alike else None

    def _Name(self, node: ast.Name, scope: Scope) -> FoldedValue | None:  # noqa: N802
        folded = Folder._Name(self, node, scope)
        owner = scope.find_owner(node.id)
        if owner is None or (folded is not None and not has_unknown(folded.value)):
            return folded
        bindings = scope.find_reaching_bindings(node.id, owner, (node.lineno, node.col_offset))
        if node.id in owner.mutated or not any(one.parameter for one in bindings):
            return folded
        sources = [one for b in bindings for one in self._list_sources(b, owner)]
        # `if targets is None: targets = [...]`: the default stands for what is put in its place.
        sources_with_value = [one for one in sources if not _is_none(one[0])]
        return self._find_single(node, sources_with_value) or folded

    def _list_sources(self, binding: Binding, owner: Scope) -> list[ScopedExpression]:
        """What a binding gives its name: of a parameter what the file's own calls give it, and its
        default. What is not known stands for itself.
        """
        if binding.value is not None:
            return [(binding.value, owner)]
        parameter = binding.parameter
        if parameter is None or parameter in self._names:
            return [(ast.Name(""), owner)]
        arguments = list(self._index.list_given_arguments(parameter))
        if parameter.default is not None and owner.parent is not None:
            arguments.append((get_field_default(parameter.default), owner.parent))
        return arguments or list(self._options.get(parameter.name, ()))

    def _Attribute(self, node: ast.Attribute, scope: Scope) -> FoldedValue | None:  # noqa: N802
        folded = Folder._Attribute(self, node, scope)
        if folded is not None and not has_unknown(folded.value):
            return folded
        if self._is_imported(node, scope):
            return self._fold_likely_import(node, scope) or folded
        if node.attr in self.module.changes.attributes:
            return folded
        entry = self._fold_entry(node, scope)
        if entry is not None:
            return entry
        argument = self._find_constructor_argument(node, scope)
        defaults = [*self._fields.get(node.attr, ()), *self._options.get(node.attr, ())]
        return self._find_single(node, [argument] if argument is not None else defaults) or folded

    def _Call(self, node: ast.Call, scope: Scope) -> FoldedValue | None:  # noqa: N802
        folded = Folder._Call(self, node, scope)
        name = self.get_dotted_name(node.func, scope)
        if folded is None and name in ("os.environ.get", "os.getenv") and len(node.args) == 2:
            return self._find_single(node, [(node.args[1], scope)])
        return folded or self._fold_loaded_file(node, scope)

    _BoolOp = Folder._BoolOp
    _IfExp = Folder._IfExp

    @cached_property
    def _options(self) -> dict[str, list[ScopedExpression]]:
        """The defaults of all command lines' options, as the parser would give them."""
        options: dict[str, list[ScopedExpression]] = {}
        for name, call, scope in self._iterate_options():
            keywords = {keyword.arg: keyword.value for keyword in call.keywords}
            action = keywords.get("action")
            default = keywords.get("default")
            if isinstance(action, ast.Constant) and action.value in _SWITCHES and default is None:
                default = ast.copy_location(ast.Constant(_SWITCHES[action.value]), call)
            if default is not None:
                converted = _convert(default, keywords.get("type"))
                options.setdefault(name, []).append((converted, scope))
        return options


def _convert(default: ast.expr, kind: ast.expr | None) -> ast.expr:
    """A default as `type=` makes it, which concerns texts alone; what cannot be told is a name that
    nothing binds.
    """
    text = default.value if isinstance(default, ast.Constant) else None
    if kind is None or not isinstance(text, str) or get_last_name(kind) == "str":
        return default
    convert = _CONVERTERS.get(get_last_name(kind))
    try:
        value = convert(text) if convert is not None else None
    except ValueError:
        value = None
    node = ast.Name("") if value is None else ast.Constant(value)
    return ast.copy_location(node, default)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
