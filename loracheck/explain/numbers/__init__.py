"""Sizes: activations, memory, the saved file, the base model's weights. In come a plan and the
training run's numbers, out come bytes, each with its formula. Begin at `memory.py`.
"""
