"""Family LC3, numbers: ranks, alpha, scaling and dropout that work and are rarely meant. In comes a
`RuleContext`, out come `Hit`s, most of them notes. Begin with LC302.
"""
