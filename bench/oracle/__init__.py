"""The differential oracle: the real PEFT against loracheck's plan, pair by pair.

`python -m bench.oracle --pairs 10000` draws pairs of model and config, asks PEFT and the plan what
comes of each, and prints where the two answers differ; a differing config is made as small as it
can be and may be kept as a regression case (`--keep`). Begin with `differential_run.py`;
`peft_side.py` and `plan_side.py` are the two that are asked, `draw.py` makes the configs.
"""
