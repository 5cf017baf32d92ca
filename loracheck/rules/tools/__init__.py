"""Family LC7, the traps of one fine-tuning tool: keys that it does not know, values that its parser
refuses, settings that it reads otherwise than PEFT. In comes a `RuleContext` whose setting names
the tool; out come `Hit`s in the tool's own keys. Begin with LC701.
"""
