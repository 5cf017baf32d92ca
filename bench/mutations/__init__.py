"""Typical slips, made in real configs one at a time, and how many of them are found.

`python -m bench.mutations [FOLDER]` takes every file below the folder that sets LoRA up, writes one
slip into it in the file's own spelling and format, lints the result, and asks for a finding that
was not there before (those that are notes alone are counted too, and told). A slip that the tool
takes as it was meant (a quoted number where the tool converts it, say) is no case: `truth.py` names
those tools with their source. Left out is also what cannot be decided, such as a name held against
a model that nobody knows.
"""
