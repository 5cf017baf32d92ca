"""Family LC2, the targets: what `target_modules` and its kin reach in the model's real module tree.
In comes a `RuleContext` whose plan says what PEFT would wrap; out come `Hit`s about what is not
reached, reached by mistake, or refused. Begin with LC202.
"""
