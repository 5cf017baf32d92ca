"""LoRA files as they are published: one .safetensors file, read by its header.

In comes a path, out comes a `LoraFile`: its modules with their matrices, the layout of their names,
what its metadata says. `reach.py` says which layers of a model it reaches in diffusers, by
diffusers' own loaders; `bases.py` which base models its shapes fit. Begin with `model.py`, then
`read.py`.
"""
