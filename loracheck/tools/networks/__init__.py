"""The arguments of each tool's network modules, one file a tool, as data: `NETWORKS`. How they are
held against a file stands in `core/network_arguments.py`.
"""
