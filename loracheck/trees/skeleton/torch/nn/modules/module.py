"""`nn.Module`: names and their order. What is assigned, registered, replaced and deleted, exactly as torch does it."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from typing import TYPE_CHECKING, Any, TypeVar

from ..._dtypes import dtype as DType  # noqa: N812
from ..._tensor import Tensor
from ..parameter import Buffer, Parameter
from ._hooks import HOOKS, Hooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_IncompatibleKeys = namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])
_EXTRA_STATE_KEY_SUFFIX = "_extra_state"
T_destination = TypeVar("T_destination", bound=dict[str, Any])
_STORES = ("_parameters", "_buffers", "_modules")


class Module(Hooks):
    """A module: its own parameters and buffers, its children, in order of registration."""

    dump_patches = False
    call_super_init = False
    _version = 1
    _compiled_call_impl: Any = None
    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]
    _non_persistent_buffers_set: set[str]

    def __init__(self, *_: object, **__: object) -> None:
        state = self.__dict__
        state["training"] = True
        state["_parameters"] = {}
        state["_buffers"] = {}
        state["_non_persistent_buffers_set"] = set()
        for hook in HOOKS:
            state[hook] = OrderedDict()
        state["_modules"] = {}

    def forward(self, *_: Any, **__: Any) -> Any:  # noqa: ANN401
        """To be written by subclasses."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **named: Any) -> Any:  # noqa: ANN401
        return self.forward(*args, **named)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        for store in _STORES:
            kept = self.__dict__.get(store)
            if kept is not None and name in kept:
                return kept[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __setattr__(self, name: str, value: Any) -> None:  # noqa: ANN401
        kind = _kind(value) or next((s for s in _STORES if name in self.__dict__.get(s, ())), None)
        if kind is None:
            object.__setattr__(self, name, value)
            return
        kept = self.__dict__.get(kind)
        if kept is None:
            raise AttributeError(f"cannot assign {kind[1:]} before Module.__init__() call")
        if value is not None and not isinstance(value, _ACCEPTED[kind]):
            expected = _ACCEPTED[kind].__name__
            raise TypeError(f"cannot assign '{type(value).__name__}' as '{name}' ({expected} or None expected)")
        persistent = name not in self._non_persistent_buffers_set
        if name not in kept:
            self._forget(name)
            persistent = getattr(value, "persistent", True)
        if kind == "_buffers" and not persistent:
            self._non_persistent_buffers_set.add(name)
        kept[name] = value

    def _forget(self, name: str) -> None:
        self.__dict__.pop(name, None)
        for store in _STORES:
            self.__dict__[store].pop(name, None)
        self._non_persistent_buffers_set.discard(name)

    def __delattr__(self, name: str) -> None:
        for store in _STORES:
            if name in self.__dict__.get(store, ()):
                del self.__dict__[store][name]
                self._non_persistent_buffers_set.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        names = [*object.__dir__(self), *self._parameters, *self._modules, *self._buffers]
        return sorted(set(names))

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def _new_name(self, name: Any, store: str) -> dict[str, Any]:  # noqa: ANN401
        kept: dict[str, Any] | None = self.__dict__.get(store)
        if kept is None:
            raise AttributeError(f"cannot assign {store[1:]} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"name should be a string. Got {type(name).__name__}")
        if not name or "." in name:
            raise KeyError(f"name can't be empty or contain '.', got {name!r}")
        if name not in kept and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")
        return kept

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter; None keeps the name free for one."""
        kept = self._new_name(name, "_parameters")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"cannot assign '{type(param).__name__}' object to parameter '{name}'")
        kept[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a buffer."""
        kept = self._new_name(name, "_buffers")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"cannot assign '{type(tensor).__name__}' object to buffer '{name}'")
        kept[name] = tensor
        (self._non_persistent_buffers_set.discard if persistent else self._non_persistent_buffers_set.add)(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a child."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self._new_name(name, "_modules")[name] = module

    def register_module(self, name: str, module: Module | None) -> None:
        """As `add_module`."""
        self.add_module(name, module)

    def get_submodule(self, target: str) -> Module:
        """The module at a dotted path. Raises AttributeError where there is none."""
        module: Module = self
        for name in target.split(".") if target else ():
            found = getattr(module, name)
            if not isinstance(found, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
            module = found
        return module

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
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

    def get_extra_state(self) -> Any:  # noqa: ANN401
        """Not modelled."""
        raise RuntimeError("extra state is not modelled")

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
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

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        """As `named_modules`, without names."""
        return (module for _, module in self.named_modules(remove_duplicate=remove_duplicate))

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The direct children, every object once."""
        seen: set[Module] = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[Module]:
        """As `named_children`, without names."""
        return (child for _, child in self.named_children())

    def _named_members(
        self,
        get_members_fn: Callable[[Module], Any],
        prefix: str = "",
        recurse: bool = True,
        remove_duplicate: bool = True,
    ) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        below = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
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
        return self._named_members(lambda m: m._parameters.items(), prefix, recurse, remove_duplicate)

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

    def state_dict(self, *_: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> Any:  # noqa: ANN401
        """Parameters and persistent buffers under all their names."""
        found: dict[str, Any] = OrderedDict() if destination is None else destination
        for path, module in self.named_modules(prefix=prefix.rstrip("."), remove_duplicate=False):
            dotted = f"{path}." if path else ""
            left_out = module._non_persistent_buffers_set
            own = {**module._parameters, **{k: v for k, v in module._buffers.items() if k not in left_out}}
            found.update({dotted + name: value for name, value in own.items() if value is not None})
        return found

    def load_state_dict(self, state_dict: object, strict: bool = True, assign: bool = False) -> Any:  # noqa: ANN401
        """Loads nothing."""
        return _IncompatibleKeys([], [])

    def _load_from_state_dict(self, *_: object, **__: object) -> None:
        """Loads nothing."""

    def _save_to_state_dict(self, *_: object, **__: object) -> None:
        """Saves nothing."""

    def _apply(self, fn: Callable[[Any], Tensor], recurse: bool = True) -> Module:
        if recurse:
            for child in self.children():
                child._apply(fn)
        for tensor in (*self._parameters.values(), *self._buffers.values()):
            if tensor is not None:
                tensor.data = fn(tensor)
        return self

    def apply(self, fn: Callable[[Module], Any]) -> Module:
        """Call `fn` on every module, children first."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def to(self, *args: Any, dtype: Any = None, device: Any = None, **_: object) -> Module:  # noqa: ANN401
        """Cast floating tensors, move all."""
        for each in args:
            if isinstance(each, Tensor):
                dtype, device = each.dtype, each.device
            elif isinstance(each, DType):
                dtype = each
            elif each is not None and not isinstance(each, bool):
                device = each
        return self._apply(lambda t: t.to(dtype=dtype if t.dtype.is_floating_point else None, device=device))

    def type(self, dst_type: Any) -> Module:  # noqa: ANN401
        """Cast."""
        return self.to(dtype=dst_type)

    def train(self, mode: bool = True) -> Module:
        """Set the training flag everywhere."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Clear the training flag everywhere."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Set whether parameters train."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def _itself(self, *_: object, **__: object) -> Module:
        """Placement, gradients and compilation are not modelled."""
        return self

    cpu = cuda = to_empty = share_memory = zero_grad = compile = _itself

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """Nothing to add."""
        return ""

    def __repr__(self) -> str:
        return f"{self._get_name()}({self.extra_repr()})"


def _cast(name: str) -> Callable[[Module], Module]:
    return lambda self: self.to(dtype=name)


for _name in ("float16", "float32", "float64", "bfloat16"):
    setattr(Module, {"float16": "half", "float32": "float", "float64": "double"}.get(_name, _name), _cast(_name))

_ACCEPTED: dict[str, type] = {"_parameters": Parameter, "_buffers": Tensor, "_modules": Module}


def _kind(value: object) -> str | None:
    """Which store a value belongs to by itself; a plain tensor belongs to none."""
    if isinstance(value, Module):
        return "_modules"
    if isinstance(value, Tensor):
        return "_parameters" if isinstance(value, Parameter) else "_buffers" if isinstance(value, Buffer) else None
    return None
