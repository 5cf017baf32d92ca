"""YAML: a text in, a `TreeDocument` out, with one root for each `---` document.

`document.py` (begin there) has plain texts read by `plain.py`, values and places at once, and all
others by PyYAML: `full_document.py` loads the values through `loader.py`, which is `yaml.safe_load`
with limits. Only when a place is asked for does `spans.py` read such a text a second time;
`syntax_errors.py` puts a fault into one sentence.
"""
