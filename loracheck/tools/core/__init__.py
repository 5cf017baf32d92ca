"""What the tools' files share. In comes a `Document`, out come `Setting`s: `registry.py` finds
whose file it is; `tool.py`, `setting.py` and `behaviour.py` have the types; `command_line.py`
reads command lines by a tool's keys.
"""
