"""The overview of a model. In comes a module tree, out come the usual choices of targets, what
they cost, what is easily got wrong, and a first config. Begin at `overview.py`.
"""
