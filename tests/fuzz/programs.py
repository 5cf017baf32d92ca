"""Small Python programs that end in a LoraConfig call: safe to run, hard to read without running.

Expressions are built type by type, so that nearly every program runs to its call.
"""

from __future__ import annotations

import re

from hypothesis import strategies as st

LITERALS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1000, 1000)
    | st.floats(-1e6, 1e6, allow_nan=False)
    | st.text("abé_.,%{}\\'\"\n", max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.sampled_from(["r", "x", "é"]), inner, max_size=3)
    ),
    max_leaves=8,
)
"""Values whose `repr` is their literal."""

NAMES = {"a": "int", "b": "int", "s": "str", "t": "list", "u": "list", "d": "dict"}
"""The variables of a program and their types."""

FORMS = {
    "int": r"""8 -16 0 a b a b CFG.size make() <dict>['r'] len(<list>) (<int>)+(<int>)
    (<int>)-(<int>) (<int>)*2 (<int>)//3 (<int>)%5 -(<int>) <dict>.get('r',1) abs(<int>)
    int('7') 2**3 max(<int>,<int>) (<int>)if(<bool>)else(<int>) int(<bool>) (<int>)or(<int>)
    (<int>)and(<int>)""",
    "str": r"""'q' 'q,k' 'é{}' s s TaskType.SEQ_CLS (<str>)+(<str>) f'x{<int>}y' f'{<str>!r:>4}'
    f'{<int>:03d}' '{}_p'.format(<str>) '%s_%d'%(<str>,<int>) ','.join(<list>) (<list>+['z'])[0]
    (<str>).upper() str(<int>) (<str>).replace('q','k') (<str>)[:1] (<str>)if(<bool>)else(<str>)
    (<str>)or(<str>) (<str>).strip('q') str(<list>)""",
    "list": r"""[] ['q'] ['q','v'] t u t u CFG.names (<str>).split(',') (<list>)+(<list>)
    (<list>)*2 [<str>,<str>] [*(<list>),<str>] sorted(<list>) [x+<str>for(x)in(<list>)]
    list(<dict>) list(<list>) [f'l{i}'for(i)in(range(3))if(i!=(<int>))] (<list>)[:1]
    (<list>).copy() list((<str>,)) (<list>)if(<bool>)else(<list>) [str(i)for(i)in(range(2))]
    (<list>)or(<list>) [x,y][1:]""",
    "dict": r"""{'r':<int>} {'r':1,'k':<list>} d d {**(<dict>)} {**(<dict>),'r':<int>}
    dict(r=<int>) dict(<dict>,r=<int>) (<dict>).copy() dict(**(<dict>))
    (<dict>)if(<bool>)else(<dict>) {'r':4}|(<dict>)""",
    "bool": r"""True False (<int>)<(<int>) (<str>)==(<str>) 'q'in(<list>) not(<bool>)
    (<bool>)and(<bool>) (<bool>)or(<bool>) (<int>)is(None) bool(<list>) 'r'in(<dict>)
    (<int>)!=(<int>)""",
}
"""Expressions by their type, `<type>` where another stands; without spaces but for `for`."""

_HOLE = re.compile("<(int|str|list|dict|bool)>")

_STATEMENTS = {
    "any": [
        *("{n} = {e}", "{n} = {e}", "{n} = {e}", "{n} = {n2} = {e}", "{n}, {n2} = {e}, {e}"),
        *("for {n} in [{e}]:\n    pass", "{n}: object = {e}", "({n} := {e})", "{n} = {n2}"),
        *("if make():\n    {n} = {e}", "def f():\n    global {n}\n    {n} = {e}\nf()"),
        *("for _ in '12':\n    {n} = {e}", "def g({n}={e}):\n    return {n}", "x = {n}"),
        *("with ctx({e}) as {n}:\n    pass", "try:\n    {n} = {e}\nfinally:\n    pass"),
        *("z = [({n} := {e}) for _ in '1']", "def h():\n    {n} = {e}\n    return {n}\n{n2} = h()"),
        *("match {e}:\n    case {n}:\n        pass", "z = [{n} for {n} in [{e}]]"),
        *("class Own:\n    {n} = {e}\n{n2} = Own.{n}", "z = lambda {n}: {n}", "y = {e}"),
    ],
    "int": ["{n} += {e}", "CFG.size = {e}", "class CFG:\n    size = {e}\n    names = ['c']"],
    "str": ["{n} += {e}", "for {n} in 'q', 'k':\n    pass"],
    "list": [
        *("{n} += {e}", "{n}.append('new')", "{n}.extend({e})", "change({n})", "{n}.sort()"),
        *("CFG.names.append('new')", "y = {n}\ny.append('new')", "{n}[:] = {e}", "{n} *= 2"),
        *("y = x = {n}\nx.append('new')", "(lambda v: v.append('l'))({n})", "del {n}[:1]"),
        *("z = {{'k': {n}}}\nz['k'].append('z')", "z = [{n}]\nz[0].append('z')"),
        *("for z in [{n}]:\n    z.append('z')", "z, w = {n}, 1\nz.append('z')"),
    ],
    "dict": [
        *("{n}['r'] = 3", "{n}.update(r=5)", "{n} |= {e}", "change({n})", "y = {n}\ny['k'] = 1"),
        *("{n}.setdefault('new', 1)", "{n}['r'] += 1", "del {n}['r']; {n}['r'] = 9"),
    ],
}

PRELUDE = """from peft import LoraConfig, TaskType
class CFG:
    size = 8
    names = ["q"]
def make():
    return 1
def change(x):
    x.update(c=1) if isinstance(x, dict) else x.append("changed")
x = y = ["xy"]
"""

_INITIAL = {"int": "4", "str": "'s'", "list": "['i']", "dict": "{'r': 2}"}


@st.composite
def expressions(draw: st.DrawFn, kind: str, depth: int = 3) -> str:
    """An expression of a type; its leaves are literals and names."""
    forms = FORMS[kind].split()
    form = draw(st.sampled_from(forms if depth else [f for f in forms if not _HOLE.search(f)]))
    pieces = _HOLE.split(form)  # text, type, text, type, ..., text
    pieces[1::2] = [draw(expressions(inner, depth - 1)) for inner in pieces[1::2]]
    return "".join(pieces).replace("for(", " for(")


@st.composite
def _statements(draw: st.DrawFn) -> tuple[str, str]:
    """A statement about a name, and the name."""
    name = draw(st.sampled_from(sorted(NAMES)))
    kind = NAMES[name]
    same = sorted(other for other, type_ in NAMES.items() if type_ == kind)
    form = draw(st.sampled_from(_STATEMENTS["any"] + _STATEMENTS[kind]))
    other = draw(st.sampled_from(same))
    return form.format(n=name, n2=other, e=draw(expressions(kind, 2))), name


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A program with a few assignments and changes, and one call of four arguments."""
    statements = draw(st.lists(_statements(), max_size=4))
    plain = {name for text, name in statements if text.startswith(f"{name} = ")}
    start = [f"{name} = {_INITIAL[kind]}" for name, kind in NAMES.items() if name not in plain]
    integer, string, items, options = (draw(expressions(k)) for k in ("int", "str", "list", "dict"))
    call = f"LoraConfig(rank={integer}, bias={string}, targets={items}, **({options}))"
    lines = [text for text, _ in statements]
    cut = draw(st.integers(0, len(lines)))
    before, after = lines[:cut], lines[cut:]
    if draw(st.booleans()):
        body = "\n".join("    " + line for line in "\n".join([*before, call]).split("\n"))
        return PRELUDE + "\n".join([*start, *after, "def main():", body, "main()"]) + "\n"
    return PRELUDE + "\n".join([*start, *before, call, *after]) + "\n"
