"""From a simulation to the `Plan` that others read: what each entry matched, what was wrapped
and how much trains, which error or warning PEFT gives. Begin at `build_plan.py`.
"""
