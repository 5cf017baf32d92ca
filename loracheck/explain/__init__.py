"""What `loracheck explain` and `loracheck init` say of a config file, a model, a field or a rule.

What comes in is a topic: the settings of a file with their rule contexts, a model's tree, the name
of a field or rule. What goes out are values first (`Impact`, `Overview`, `Comparison`, `ToolKey`),
in which every number is worked out once, and then the same values as text, HTML, SVG or JSON. The
command line is not known here and nothing is printed.

Begin with `file/impact.py`, which says what one setting does to its model; `text/` and `html/` only
show it. `numbers/` estimates sizes, `model/` describes a model without a config, `compare/` holds
two settings against each other, `field/` and `rule.py` are the pages of fields and rules, and
`write/` writes a config in a tool's own file.
"""
