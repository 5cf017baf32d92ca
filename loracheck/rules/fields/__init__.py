"""Family LC1, LoraConfig's fields: names, types, choices, ranges and combinations that PEFT refuses
or ignores. Most of these rules turn the issues of `loracheck.config` into `Hit`s through
`support/issue_hits.py`; begin with LC102. LC151 and those behind it read the calls of a script that
undo what its config asks for (`support/script_calls.py`); begin with LC151.
"""
