"""The field check held against LoraConfig's own constructor, release by release.

Drawn keyword arguments come in, a table goes out: which configs the check and the constructor judge
differently. Begin with `__main__.py`; `child.py` runs in the environment of each release.
"""
