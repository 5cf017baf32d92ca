"""Policies: what a team asks of its LoRA settings, as JSON Schemas (draft 2020-12).

In come a policy's file and the normal form of a setting (`setting_schema.py` says what it looks
like), out come the `Violation`s. A value of the setting may be `Unknown`: then a schema is neither
met nor violated, and nothing is said. Begin with `load.py`, then `violations.py`; `keywords/`
holds the logic of three values. The package jsonschema does the rest; it is imported where there is
a policy and nowhere else.
"""
