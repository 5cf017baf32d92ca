"""What `get_peft_model` does to the model, step by step, in PEFT's order. In come a config and a
module graph, out comes the changed graph with a record of every wrapped module. Begin at
`simulation.py`.
"""
