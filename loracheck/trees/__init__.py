"""The module trees of base models. In comes a `Request` (a model as a config names it), out
comes a `ModuleTree`: every module, equal layers folded. `resolve.py` asks the sources in their
order, `model.py` has the tree itself; only this room meets transformers, in a process of its own
(`builder.py`, `skeleton/`). `live/` reads the tree of a model that is in this process.
"""
