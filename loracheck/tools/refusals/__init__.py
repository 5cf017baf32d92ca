"""What each tool refuses among its own keys, as far as it touches LoRA: `REFUSALS` of the module
with the tool's name. In comes nothing, out come `Refusal`s (`core/refusal.py`, read that first);
they were read in the release that the tool's module names. `core/refusal_lookup.py` finds them.
"""
