"""Shape-only stand-in for torch. NOT PyTorch.

It lets transformers' own model constructors run, so that `named_modules()` of what they build is
the module tree of the real model; it cannot run or train a model. It is imported under the name
`torch` by loracheck's builder process alone, whose import path starts with the folder above this
one.
"""

# ruff: noqa: F401 - this is where all names meet

from __future__ import annotations

import math
import sys
from typing import Any

from . import _creation, _dtypes, _joining, nn
from ._contexts import (
    Generator,
    autocast,
    compile,
    enable_grad,
    inference_mode,
    manual_seed,
    no_grad,
    set_grad_enabled,
)
from ._creation import (
    arange,
    as_tensor,
    empty,
    empty_like,
    empty_strided,
    eye,
    from_numpy,
    frombuffer,
    full,
    full_like,
    linspace,
    logspace,
    normal,
    ones,
    ones_like,
    polar,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    randperm,
    tensor,
    view_as_complex,
    view_as_real,
    zeros,
    zeros_like,
)
from ._devices import Device as device  # noqa: N813 - torch's own names
from ._devices import get_default_device, set_default_device
from ._dtypes import DType as dtype  # noqa: N813
from ._dtypes import get_default_dtype, promote_types, set_default_dtype
from ._elementwise import FUNCTIONS
from ._joining import *  # noqa: F403 - its __all__ lists them
from ._limits import finfo, iinfo
from ._namespaces import install
from ._permissive import Finder, Namespace, lookup, no
from ._size import Size
from ._tensor import Tensor
from ._values import result_type

__version__ = "2.13.0"

globals().update(_dtypes.DTYPES)
globals().update(_dtypes.ALIASES)
globals().update(_creation.WINDOWS)
globals().update(_creation.OLD_TYPES)
globals().update(FUNCTIONS)
globals().update(_joining.methods())
globals().update(
    concat=_joining.cat, concatenate=_joining.cat, range=arange, complex=_creation.complex_
)
globals().update(asarray=as_tensor, scalar_tensor=tensor, bernoulli=Tensor.clone)
inf, nan, pi, e, newaxis = math.inf, math.nan, math.pi, math.e, None


class memory_format:  # noqa: N801 - torch's own name
    """Not modelled."""


class layout:  # noqa: N801 - torch's own name
    """Not modelled."""


contiguous_format = preserve_format = channels_last = channels_last_3d = memory_format()
strided = sparse_coo = sparse_csr = layout()
is_inference_mode_enabled = is_autocast_enabled = are_deterministic_algorithms_enabled = no


def is_grad_enabled() -> bool:
    """Gradients are on by default."""
    return True


class OutOfMemoryError(RuntimeError):
    """Never raised here."""


def __getattr__(name: str) -> Any:
    return lookup("torch", name, globals())


sys.meta_path.append(Finder())
install()
