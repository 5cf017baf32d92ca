"""Family LC4, heads and embeddings: the task type, modules trained in full, tied weights and added
tokens. In comes a `RuleContext`, out come `Hit`s about what would stay untrained or come apart.
Begin with LC402.
"""
