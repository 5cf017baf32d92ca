"""Nothing: the name of this module's compiled file is that of `image.py`'s file."""
