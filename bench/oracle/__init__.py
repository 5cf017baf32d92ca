"""The differential oracle: the real PEFT against loracheck's plan, pair by pair.

`python -m bench.oracle --pairs 10000` draws (model, config) pairs, asks both, and prints where they
differ; a difference is shrunk and can be kept as a regression case (`--keep`).
"""
