"""Family LC1, LoraConfig's fields: names, types, choices, ranges and combinations that PEFT refuses
or ignores. Most of these rules turn the issues of `loracheck.config` into `Hit`s through
`support/issue_hits.py`; begin with LC102.
"""
