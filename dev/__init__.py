"""What people who work on loracheck run: the scaffold of a rule, generated pages, the screenshot.

The code comes in; files of docs/, tests/ and loracheck/rules/ go out. Begin with `new_rule.py`, and
with `pages/` for what is generated. Nothing in `loracheck/` imports this package.
"""
