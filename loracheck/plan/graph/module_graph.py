"""A light copy of the model's modules: just enough of nn.Module to follow what PEFT does to it.

One `Mod` stands for all modules that the config cannot tell apart (`group.count` of them), named
after the first. Wrapping, copying and freezing then happen as in torch, on objects.
"""

from __future__ import annotations

from loracheck.plan.errors import RefusedError
from loracheck.trees.groups import Group
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.trees.model import Node

CONTAINERS = frozenset({"ModuleDict", "ModuleList", "ParameterDict", "ParameterList"})

UNCOPYABLE = "uncopyable"
"""Label of a module that `copy.deepcopy` refuses."""


class Parameter:
    """A parameter: its shape, whether it trains, and how many equal ones it stands for."""

    __slots__ = ("count", "dtype", "requires_grad", "shape", "size")

    def __init__(
        self,
        shape: tuple[int, ...],
        count: int,
        requires_grad: bool = True,
        dtype: str | None = None,
        size: int | None = None,
    ) -> None:
        self.shape = shape
        self.count = count
        self.requires_grad = requires_grad
        self.dtype = dtype
        if size is None:
            size = 1
            for length in shape:
                size *= length
        self.size = size


class Module:
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
        "parameters",
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
        self.parameters: dict[str, Parameter] = {}
        self.children: dict[str, Module] = {}
        self.base: Module | None = None
        self.copy: Module | None = None
        self.label: str | None = None
        self.opaque = False

    @property
    def class_name(self) -> str:
        """The class as a message shows it."""
        return self.node.class_name if self.node is not None else str(self.kind)

    def get(self, name: str) -> Module:
        """`getattr(module, name)` for a submodule, forwarding as PEFT's wrappers do.

        Raises RefusedError (AttributeError) where the attribute is missing.
        """
        base = self.children.get(name)
        if name == "out_proj" and self.role == "lora" and self.kind == "MultiheadAttention":
            # A property of PEFT's layer, and it answers with the layer below any LoRA.
            base = self.get_base_layer().get("out_proj").get_base_layer()
        if base is None and self.role == "saved" and self.copy is not None and not self.opaque:
            return self.copy.get(name)
        if base is None and self.role == "tokens" and name == "original_module":
            base = self.base
        if base is None:
            text = f"{self.class_name} has no attribute `{name}`"
            raise RefusedError("missing-attribute", "AttributeError", text)
        return base

    def get_submodule(self, name: str) -> Module:
        """`get_submodule(name)`."""
        module = self
        for part in name.split(".") if name else ():
            module = module.get(part)
        return module

    def named_modules(
        self, prefix: str = "", *, twice: bool = False
    ) -> Iterator[tuple[str, Module]]:
        """`named_modules()`; with `twice`, objects reached again are listed again."""
        return _walk(self, prefix, None if twice else set())

    def set_trainable(self, trains: bool) -> None:
        """`requires_grad_` on every parameter below."""
        for module in _list_descendants(self):
            for parameter in module.parameters.values():
                parameter.requires_grad = trains

    def get_base_layer(self) -> Module:
        """`get_base_layer()`: the innermost module below LoRA layers."""
        module = self
        while module.role in ("lora", "parameter", "adapter"):
            module = module.children["base_layer"]
        return module


def _walk(module: Module, prefix: str, seen: set[int] | None) -> Iterator[tuple[str, Module]]:
    if seen is not None:
        if id(module) in seen:
            return
        seen.add(id(module))
    yield prefix, module
    dot = f"{prefix}." if prefix else ""
    for name, child in module.children.items():
        yield from _walk(child, dot + name, seen)


def _list_descendants(*mods: Module) -> list[Module]:
    """The modules and all modules below, each once: some models hold a module below itself."""
    if not any(module.children for module in mods):
        return [*dict.fromkeys(mods)]
    descendants, seen = list(mods), {id(module) for module in mods}
    for current in descendants:  # grows while it is walked
        for child in current.children.values():
            if id(child) not in seen:
                seen.add(id(child))
                descendants.append(child)
    return descendants


def list_unique_parameters(*mods: Module) -> list[Parameter]:
    """Every parameter of the modules and below, each once."""
    parameters = [
        parameter
        for one in _list_descendants(*mods)
        if one.parameters
        for parameter in one.parameters.values()
    ]
    return list({id(parameter): parameter for parameter in parameters}.values())


def count_elements(module: Module) -> int:
    """Number of elements of all parameters below, shared ones once, for one module of the group."""
    return sum(
        parameter.size * parameter.count for parameter in list_unique_parameters(module)
    ) // max(module.group.count, 1)


def copy_module(
    module: Module, *, share: bool = False, memo: dict[int, object] | None = None
) -> Module:
    """`copy.deepcopy(module)`; with `share` the copy's parameters are the original's."""
    memo = {} if memo is None else memo
    copied = memo.get(id(module))
    if isinstance(copied, Module):
        return copied
    if module.label == UNCOPYABLE:
        text = "Only Tensors created explicitly by the user (graph leaves) support deepcopy"
        raise RefusedError("copied-token-rows", "RuntimeError", text, "trainable_token_indices")
    twin = Module(module.role, module.kind, module.group, module.node)
    memo[id(module)] = twin
    twin.label = module.label
    twin.opaque = module.opaque
    for name, parameter in module.parameters.items():
        twin.parameters[name] = parameter if share else _copy_parameter(parameter, memo)
    for name, child in module.children.items():
        twin.children[name] = copy_module(child, share=share, memo=memo)
    twin.base = (
        copy_module(module.base, share=share, memo=memo) if module.base is not None else None
    )
    twin.copy = (
        copy_module(module.copy, share=share, memo=memo) if module.copy is not None else None
    )
    return twin


def _copy_parameter(parameter: Parameter, memo: dict[int, object]) -> Parameter:
    copied = memo.get(id(parameter))
    if isinstance(copied, Parameter):
        return copied
    twin = Parameter(
        parameter.shape, parameter.count, parameter.requires_grad, parameter.dtype, parameter.size
    )
    memo[id(parameter)] = twin
    return twin
