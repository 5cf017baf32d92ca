"""Several LoRA adapters on one model: what PEFT needs to combine them into one
(`add_weighted_adapter`) and to put one in the place of another (`hotswap_adapter`).

In come `Adapter`s, out go `Trouble`s: what PEFT raises, and what the result silently leaves out or
changes. Begin with `adapter.py`.
"""
