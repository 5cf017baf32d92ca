"""The interactive explorer: a config as a form beside its model's tree, judged at each keystroke.

`state` is the model of a session and knows nothing of the terminal; the widgets show what it says
and hand it what is typed. `codec` and `writing` serve the plain dialogue as well.
"""
