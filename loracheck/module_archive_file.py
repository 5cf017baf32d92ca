"""Nothing: the name of this module's compiled file is that of `module_archive.py`'s file."""
