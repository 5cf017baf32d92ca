"""Hooks: registering one works and gives a handle, none is ever called."""

from __future__ import annotations

HOOKS = (
    "_backward_pre_hooks",
    "_backward_hooks",
    "_forward_hooks",
    "_forward_hooks_with_kwargs",
    "_forward_hooks_always_called",
    "_forward_pre_hooks",
    "_forward_pre_hooks_with_kwargs",
    "_state_dict_hooks",
    "_state_dict_pre_hooks",
    "_load_state_dict_pre_hooks",
    "_load_state_dict_post_hooks",
)


class RemovableHandle:
    """What registering a hook returns."""

    id = 0

    def remove(self) -> None:
        """Nothing to remove."""


class Hooks:
    """The registering methods of a module."""

    def register_forward_hook(self, *_: object, **__: object) -> RemovableHandle:
        """A handle; all other kinds of hook are the same."""
        return RemovableHandle()

    register_forward_pre_hook = register_backward_hook = register_forward_hook
    register_full_backward_hook = register_full_backward_pre_hook = register_forward_hook
    register_state_dict_pre_hook = register_state_dict_post_hook = register_forward_hook
    _register_state_dict_hook = _register_load_state_dict_pre_hook = register_forward_hook
    register_load_state_dict_pre_hook = register_load_state_dict_post_hook = register_forward_hook
