"""All module names that a model class may have, whatever its config says and whichever known
release of transformers builds it: what an id can be judged by whose architecture is known, but not
its numbers. `python -m bench.class_names` writes `loracheck/trees/data/class-names.bin`.

Default configs and variations of them (`variations.py`) are built, the trees of one class joined
(`join.py`).
"""
