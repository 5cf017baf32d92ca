"""Family LC5, serving: what the engines that `--serve` names refuse of the adapter, or read
otherwise than PEFT. The answers are data of `loracheck.engines`, which
`support/engine_verdicts.py` turns into `Hit`s; each rule picks its kind of answer. Begin with
LC501.
"""
