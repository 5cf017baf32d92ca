"""What LoRA can do with a model, before there is any config.

A model's tree comes in. What goes out is an `Overview` (its kinds of modules, the usual choices of
targets with what they cost, pitfalls), or a first config in a tool's own file that no rule objects
to. Begin with `overview.py`, and with `first_config.py` for `loracheck init`.
"""
