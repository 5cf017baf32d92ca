"""Functions that several rules need, one module for each subject. In come a `RuleContext` or a
plan, out come `Hit`s, fixes, names or phrases for them.

Begin with `accepted_plan.py` and `linear_layers.py`, which most rules of family LC2 use;
`fix_builders.py` makes fixes, `phrases.py` the wording. `localize_names.py` and
`suppress_consequences.py` run after the rules, on their hits. No module here imports a rule.
"""
