"""Finding what a module holds: by dotted path, or walking everything below it in order of
registration.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from ..parameter import Parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..._tensor import Tensor


class Paths:
    """Lookups and walks.

    transformers evaluates the annotations of a model's classes, so these must hold at run time.
    """

    _parameters: dict[str, Any]
    _buffers: dict[str, Any]
    _modules: dict[str, Any]
    _non_persistent_buffers_set: set[str]

    def get_submodule(self, target: str) -> Any:
        """The module at a dotted path. Raises AttributeError where there is none."""
        module: Any = self
        for name in target.split(".") if target else ():
            found = getattr(module, name)
            if not isinstance(found, Paths):
                raise AttributeError(f"`{name}` is not an nn.Module")
            module = found
        return module

    def set_submodule(self, target: str, module: Paths, strict: bool = False) -> None:
        """Replace the module at a dotted path."""
        parent, _, name = target.rpartition(".")
        setattr(self.get_submodule(parent), name, module)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a dotted path. Raises AttributeError where there is none."""
        parent, _, name = target.rpartition(".")
        found = getattr(self.get_submodule(parent), name)
        if not isinstance(found, Parameter):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return found

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a dotted path. Raises AttributeError where there is none."""
        parent, _, name = target.rpartition(".")
        module = self.get_submodule(parent)
        if name not in module._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        found: Tensor = getattr(module, name)
        return found

    def get_extra_state(self) -> Any:
        """Not modelled."""
        raise RuntimeError("extra state is not modelled")

    def named_modules(
        self, memo: set[Any] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """The module itself and everything below it, parents first, every object once."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        dotted = f"{prefix}." if prefix else ""
        for name, child in self._modules.items():
            if child is not None:
                yield from child.named_modules(memo, dotted + name, remove_duplicate)

    def modules(self, remove_duplicate: bool = True) -> Iterator[Any]:
        """As `named_modules`, without names."""
        return (module for _, module in self.named_modules(remove_duplicate=remove_duplicate))

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """The direct children, every object once."""
        seen: set[Any] = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[Any]:
        """As `named_children`, without names."""
        return (child for _, child in self.named_children())

    def _named_members(
        self,
        get_members_fn: Callable[[Any], Any],
        prefix: str = "",
        recurse: bool = True,
        remove_duplicate: bool = True,
    ) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        below: Any = (
            self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
            if recurse
            else [(prefix, self)]
        )
        for path, module in below:
            dotted = f"{path}." if path else ""
            for name, value in get_members_fn(module):
                if value is None or id(value) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(value))
                yield dotted + name, value

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Parameters with full names, every object once unless told otherwise."""
        return self._named_members(
            lambda m: m._parameters.items(), prefix, recurse, remove_duplicate
        )

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """As `named_parameters`, without names."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Buffers with full names."""
        return self._named_members(lambda m: m._buffers.items(), prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """As `named_buffers`, without names."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def state_dict(
        self, *_: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False
    ) -> Any:
        """Parameters and persistent buffers under all their names."""
        found: dict[str, Any] = OrderedDict() if destination is None else destination
        for path, module in self.named_modules(prefix=prefix.rstrip("."), remove_duplicate=False):
            dotted = f"{path}." if path else ""
            left_out = module._non_persistent_buffers_set
            own = {
                **module._parameters,
                **{k: v for k, v in module._buffers.items() if k not in left_out},
            }
            found.update({dotted + name: value for name, value in own.items() if value is not None})
        return found
