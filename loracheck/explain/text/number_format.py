"""Numbers as text for people: counts, bytes, shares, ranges."""

from __future__ import annotations

_UNITS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))


def format_count(count: float) -> str:
    """`7.6 B`, `40.4 M`, `512`."""
    for size, unit in _UNITS:
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:,.0f}"


def format_bytes(count: float) -> str:
    """Bytes: `161.5 MB`, `15.2 GB`, `1.34 TB` (powers of ten)."""
    if count >= 1e12:
        return f"{count / 1e12:,.2f} TB"
    for width, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= width:
            return f"{count / width:,.1f} {unit}"
    return f"{count:,.0f} B"


def format_percent(share: float) -> str:
    """`0.5273 %`, `100 %`."""
    return f"{100 * share:.4f} %" if share < 1 else "100 %"


def format_range(values: tuple[float, ...]) -> str:
    """`16`, or `8-64` for several; `-` for none."""
    numbers = sorted(value for value in values if isinstance(value, (int, float)))
    if not numbers:
        return "-"
    low, high = f"{numbers[0]:.4g}", f"{numbers[-1]:.4g}"
    return low if low == high else f"{low}-{high}"


def format_numbers(numbers: tuple[int, ...]) -> str:
    """`0-31`, `0-2, 5`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)
