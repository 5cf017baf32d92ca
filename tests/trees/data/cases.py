"""Modules that do to themselves what constructors do: assign, replace, delete, tie, share."""

from __future__ import annotations

import torch
from torch import nn


class Assigned(nn.Module):
    """Attributes of every sort; only parameters, buffers and modules count."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 3
        self.tensor = torch.zeros(2)
        self.b = nn.Linear(1, 2)
        self.w = nn.Parameter(torch.zeros(2))
        self.a = nn.ReLU()
        self.nothing = None
        self.register_parameter("free", None)


class Replaced(nn.Module):
    """A replaced child keeps its place; a parameter in a child's stead goes to the parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(1, 2)
        self.second = nn.Linear(2, 3)
        self.first = nn.Embedding(4, 5)
        self.third = nn.ReLU()
        self.third = nn.Parameter(torch.zeros(1))
        self.register_parameter("late", None)
        self.late = nn.Parameter(torch.zeros(7))
        self.plain = 5
        self.plain = nn.Tanh()


class Deleted(nn.Module):
    """A deleted child that comes again stands last; one set to None is gone."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = nn.Linear(1, 1), nn.Linear(2, 2), nn.Linear(3, 3)
        del self.one
        self.one = nn.Linear(4, 4)
        self.two = None


class Tied(nn.Module):
    """One parameter under two names."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.head = nn.Embedding(4, 3), nn.Linear(3, 4, bias=False)
        self.head.weight = self.embed.weight


class Shared(nn.Module):
    """One module under two names."""

    def __init__(self) -> None:
        super().__init__()
        shared = nn.Linear(2, 2)
        self.layers = nn.ModuleList([shared, nn.ReLU(), shared])
        self.again = shared


class Buffers(nn.Module):
    """Persistent and not, replaced, and of a dtype of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("kept", torch.arange(3))
        self.register_buffer("lost", torch.zeros(2), persistent=False)
        self.register_buffer("later", None)
        self.later = torch.ones(4)
        self.own = nn.Buffer(torch.zeros(5), persistent=False)


class TooEarly(nn.Module):
    """A child before the module itself is ready."""

    def __init__(self) -> None:
        self.child = nn.ReLU()
        super().__init__()


class Taken(nn.Module):
    """A buffer under a name that is taken."""

    def __init__(self) -> None:
        super().__init__()
        self.name = 1
        self.register_buffer("name", torch.zeros(1))


class Dotted(nn.Module):
    """A name with a dot."""

    def __init__(self) -> None:
        super().__init__()
        self.add_module("a.b", nn.ReLU())


class NotAModule(nn.Module):
    """Something else in a child's stead."""

    def __init__(self) -> None:
        super().__init__()
        self.child = nn.ReLU()
        self.child = 3
