"""loracheck's whole way from files to verdicts, held against PEFT with any transformers release.

`python -m bench.files --python PATH` is where to begin.
"""
