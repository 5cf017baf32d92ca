"""The interactive explorer: a config as a form beside its model's tree, judged at each keystroke.

A file or a model's name comes in; what goes out is the edited text, saved only when asked to. Begin
with `state.py`: a `State` is one moment of a session and knows nothing of the terminal; every
action gives the next one. `view.py` works out what a state shows, and the widgets (`app.py`,
`form.py`, `tree_pane.py`, ...) show it and hand on what is typed. `guided_questions.py` is the same
session as questions and answers, for terminals without textual.
"""
