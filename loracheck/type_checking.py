"""`TYPE_CHECKING` without importing `typing`, which costs a third of what starting Python costs and
which nothing on the way of one file needs. Checkers of types go by the name; pyproject.toml tells
ruff that it means what `typing`'s does.
"""

TYPE_CHECKING = False
