"""Measurements, and the data that only other programs can give.

Three kinds: the real PEFT, torch and tools asked for their answers, which tests hold loracheck
against (`oracle/`, `tools/`, `constructors/`, `trees/`); loracheck run over folders of real files
(`corpus/`, `mutations/`, `usage.py`); and how long things take (`speed.py`, `many.py`,
`folding.py`, `explorer.py`). `bundle/` builds the trees that are shipped. Each is run as
`python -m bench.NAME`, and its docstring says what it takes and prints. Nothing in `loracheck/`
imports this package.
"""
