"""Exactness of the tree builder: every (model type, auto class) pair, real torch on meta against
the stand-in.
"""
