"""Family LC6, the weights beside a saved adapter_config.json: do their names and shapes fit the
config and the model. `support/adapter_weights.py` reads them by their header alone; out come
`Hit`s. Begin with LC603.
"""
