"""Family LC8, safety: what a stranger's config can make a machine do, such as import a module, read
a file, or match without end. In comes a `RuleContext`, out come `Hit`s. Begin with LC802.
"""
