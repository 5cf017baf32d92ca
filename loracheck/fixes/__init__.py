"""Fixes: edits of a text that change one value and nothing else."""
