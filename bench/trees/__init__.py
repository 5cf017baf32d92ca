"""How exact the tree builder is: every pair of model type and auto class.

The same configs are built by real torch on the meta device and by the stand-in for torch that
loracheck uses, and the two trees are compared. Begin with `__main__.py`, which lists the options.
"""
