"""YAML: a text in, a `TreeDocument` out, with one root for each `---` document.

`document.py` (begin there) loads the values through `loader.py`, which is `yaml.safe_load` with
limits. Only when a place is asked for does `spans.py` read the text a second time;
`syntax_errors.py` puts a fault into one sentence.
"""
