"""The models of LLaMA-Factory 0.9.0, with ids that later releases no longer list and the owners'
names of 2024.

Source: llamafactory 0.9.0 (the wheel of PyPI), llamafactory/extras/constants.py, written as
`llama_factory` says.
"""

from __future__ import annotations

from bench.model_ids.llama_factory import read_ids

__all__ = ["FILES", "REPOSITORY", "read_ids"]

REPOSITORY = "llamafactory 0.9.0"
FILES = ("llamafactory/extras/constants.py",)
