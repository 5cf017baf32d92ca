"""The tools' own code, asked which LoraConfig it makes of a file.

Files made from a tool's key map come in; what the installed tool makes of each goes out, into
tests/tools/golden/. Begin with `__main__.py`; there is one module for each tool that is asked.
"""
