"""TOML: a text in, a `TreeDocument` with one root out.

`document.py` (begin there) reads the values with `tomllib`. Only when a place is asked for does
`spans.py` read the text a second time.
"""
