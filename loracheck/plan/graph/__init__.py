"""The model as PEFT changes it. In comes a folded module tree, out comes a graph of modules and
parameters that the simulation rewrites, as PEFT rewrites the model. Begin at `module_graph.py`.
"""
