"""Python: a text in, a `PythonDocument` out, whose roots are the arguments of the calls that may
set LoRA up. The code is parsed and never executed or imported.

`document.py` (begin there) has `syntax.py` make the syntax tree, and `scopes.py` walk it once for
names (`bindings.py`), calls and changes (`mutations.py`). `root_calls.py` says which calls become
roots, `call_arguments.py` what they are given: `folding.py` works out the value of each argument,
with `expressions.py` and `operations.py` for literals and operators. What cannot be known is
`Unknown`; `likely_values.py` then looks for the default that the file gives for a model's name.
`origin.py` and `spans.py` lead from values back to places in the text.
"""
