"""How much a config takes: bytes on disk and in a GPU's memory.

A tree and a plan come in, with what the file says of the training run; estimates go out, each with
the formula it comes from. Begin with `memory.py`, which adds the others up: `base_weights.py`,
`activations.py` (of layers that were measured). The
saved adapter is measured by `plan/result/adapter_size.py`.
"""
