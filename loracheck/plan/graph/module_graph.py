"""A light mirror of the model: just enough of nn.Module to follow what PEFT does to it.

One `Mod` stands for all modules that the config cannot tell apart (`group.count` of them), named
after the first. Wrapping, copying and freezing then happen as in torch, on objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.plan.errors import RefusedError
from loracheck.trees.groups import Group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.trees.model import Node

CONTAINERS = frozenset({"ModuleDict", "ModuleList", "ParameterDict", "ParameterList"})

UNCOPYABLE = "uncopyable"
"""Label of a module that `copy.deepcopy` refuses."""


class Par:
    """A parameter: its shape, whether it trains, and how many equal ones it stands for."""

    __slots__ = ("count", "dtype", "grad", "shape", "size")

    def __init__(
        self,
        shape: tuple[int, ...],
        count: int,
        grad: bool = True,
        dtype: str | None = None,
        size: int | None = None,
    ) -> None:
        self.shape = shape
        self.count = count
        self.grad = grad
        self.dtype = dtype
        if size is None:
            size = 1
            for length in shape:
                size *= length
        self.size = size


class Mod:
    """A module. `role` is "" for a module of the model, else what PEFT's layer is:

    "lora" and "parameter" (LoraLayer and ParamWrapper), "saved" (ModulesToSaveWrapper), "tokens"
    (TrainableTokensWrapper), "adapter" (TrainableTokensLayer), "part" for what they are made of.
    `base` is a wrapper's base_layer, `copy` the trained copy, `label` the wrapped parameter's name;
    an `opaque` wrapper does not pass on what is asked of the copy.
    """

    __slots__ = (
        "base",
        "children",
        "copy",
        "group",
        "kind",
        "label",
        "node",
        "opaque",
        "pars",
        "role",
    )

    def __init__(
        self,
        role: str,
        kind: str | None,
        group: Group,
        node: Node | None = None,
    ) -> None:
        self.role = role
        self.kind = kind
        self.group = group
        self.node = node
        self.pars: dict[str, Par] = {}
        self.children: dict[str, Mod] = {}
        self.base: Mod | None = None
        self.copy: Mod | None = None
        self.label: str | None = None
        self.opaque = False

    @property
    def class_name(self) -> str:
        """The class as a message shows it."""
        return self.node.class_name if self.node is not None else str(self.kind)

    def get(self, name: str) -> Mod:
        """`getattr(module, name)` for a submodule, forwarding as PEFT's wrappers do.

        Raises RefusedError (AttributeError) where the attribute is missing.
        """
        found = self.children.get(name)
        if name == "out_proj" and self.role == "lora" and self.kind == "MultiheadAttention":
            # A property of PEFT's layer, and it answers with the layer below any LoRA.
            found = self.unwrapped().get("out_proj").unwrapped()
        if found is None and self.role == "saved" and self.copy is not None and not self.opaque:
            return self.copy.get(name)
        if found is None and self.role == "tokens" and name == "original_module":
            found = self.base
        if found is None:
            text = f"{self.class_name} has no attribute `{name}`"
            raise RefusedError("missing-attribute", "AttributeError", text)
        return found

    def submodule(self, name: str) -> Mod:
        """`get_submodule(name)`."""
        mod = self
        for part in name.split(".") if name else ():
            mod = mod.get(part)
        return mod

    def named(self, prefix: str = "", *, twice: bool = False) -> Iterator[tuple[str, Mod]]:
        """`named_modules()`; with `twice`, objects reached again are listed again."""
        return _named(self, prefix, None if twice else set())

    def freeze(self, trains: bool = False) -> None:
        """`requires_grad_` on every parameter below."""
        for mod in _below(self):
            for par in mod.pars.values():
                par.grad = trains

    def unwrapped(self) -> Mod:
        """`get_base_layer()`: the innermost module below LoRA layers."""
        mod = self
        while mod.role in ("lora", "parameter", "adapter"):
            mod = mod.children["base_layer"]
        return mod


def _named(mod: Mod, prefix: str, seen: set[int] | None) -> Iterator[tuple[str, Mod]]:
    if seen is not None:
        if id(mod) in seen:
            return
        seen.add(id(mod))
    yield prefix, mod
    dot = f"{prefix}." if prefix else ""
    for name, child in mod.children.items():
        yield from _named(child, dot + name, seen)


def _below(*mods: Mod) -> list[Mod]:
    """The modules and all modules below, each once: some models hold a module below itself."""
    if len(mods) == 1 and not mods[0].children:
        return [mods[0]]
    found, seen = list(mods), {id(mod) for mod in mods}
    for current in found:  # grows while it is walked
        for child in current.children.values():
            if id(child) not in seen:
                seen.add(id(child))
                found.append(child)
    return found


def unique(*mods: Mod) -> list[Par]:
    """Every parameter of the modules and below, each once."""
    found = [par for one in _below(*mods) if one.pars for par in one.pars.values()]
    return list({id(par): par for par in found}.values())


def size(mod: Mod) -> int:
    """Number of elements of all parameters below, shared ones once, for one module of the group."""
    return sum(par.size * par.count for par in unique(mod)) // max(mod.group.count, 1)


def clone(mod: Mod, *, share: bool = False, memo: dict[int, object] | None = None) -> Mod:
    """`copy.deepcopy(module)`; with `share` the copy's parameters are the original's."""
    memo = {} if memo is None else memo
    done = memo.get(id(mod))
    if isinstance(done, Mod):
        return done
    if mod.label == UNCOPYABLE:
        text = "Only Tensors created explicitly by the user (graph leaves) support deepcopy"
        raise RefusedError("copied-token-rows", "RuntimeError", text, "trainable_token_indices")
    twin = Mod(mod.role, mod.kind, mod.group, mod.node)
    memo[id(mod)] = twin
    twin.label = mod.label
    twin.opaque = mod.opaque
    for name, par in mod.pars.items():
        twin.pars[name] = par if share else _clone_par(par, memo)
    for name, child in mod.children.items():
        twin.children[name] = clone(child, share=share, memo=memo)
    twin.base = clone(mod.base, share=share, memo=memo) if mod.base is not None else None
    twin.copy = clone(mod.copy, share=share, memo=memo) if mod.copy is not None else None
    return twin


def _clone_par(par: Par, memo: dict[int, object]) -> Par:
    done = memo.get(id(par))
    if isinstance(done, Par):
        return done
    twin = Par(par.shape, par.count, par.grad, par.dtype, par.size)
    memo[id(par)] = twin
    return twin
