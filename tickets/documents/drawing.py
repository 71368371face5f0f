"""A chart as SVG, for pages and for paper alike. Pure, and without Django: the makers of files use it too."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from html import escape

from staff.charts import HEIGHT, WIDTH, LyingBars, StackedBars, lying_bars, stacked_bars

# Apart from each other without any colour: dark, hatched, light, dotted.
DARK, LIGHT = "#22474a", "#c4cbcc"
HATCHES = (
    '<rect width="6" height="6" fill="#fff"/><path d="M-1 7 7-1M-1 1 1-1M5 7 7 5" stroke="#333" '
    'stroke-width="1.6"/>',
    '<rect width="6" height="6" fill="#fff"/><circle cx="3" cy="3" r="1.3" fill="#333"/>',
)
FILLS = (DARK, 0, LIGHT, 1)  # a colour, or the number of a hatching
LEGEND = 22
# The fields of a map, from few to many; from the fourth on their numbers are white.
LEVELS, DARK_FROM = ("#e7eded", "#c3d1d2", "#8fa9ab", "#4f7477", DARK), 3
NAMES, HEAD, HIGH = 44, 18, 22
FACE = 'font-family="Noto Sans SC, sans-serif" font-size="11"'
Series = Sequence[tuple[str, Sequence[int]]]


def drawn(
    title: str, labels: Sequence[str], series: Series, *, is_lying: bool, ink: str, is_map: bool = False
) -> str:
    """Return the drawing; `ink` is the colour of its texts and lines (`currentColor` on a page)."""
    mark = sha256(f"{title}{labels}".encode()).hexdigest()[:8]
    values = [list(each) for _name, each in series]
    if is_map:
        parts, height, legend = _map(labels, series, ink), HEAD + HIGH * len(series), 0
    elif is_lying:
        highest = max([*values[0], 1])
        lying = lying_bars(
            [(label, value, str(value)) for label, value in zip(labels, values[0], strict=True)], highest
        )
        parts, height, legend = _lying(lying, mark, ink), lying.height, 0
    else:
        chart = stacked_bars(list(labels), values)
        parts, height, legend = _standing(chart, mark, ink), HEIGHT, LEGEND
        parts += _legend([name for name, _values in series], mark, ink)
    hatches = "".join(
        f'<pattern id="h{mark}{number}" width="6" height="6" patternUnits="userSpaceOnUse">{hatch}</pattern>'
        for number, hatch in enumerate(HATCHES)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height + legend}" role="img" '
        f'aria-label="{escape(title)}" {FACE} fill="{ink}"><defs>{hatches}</defs>{"".join(parts)}</svg>'
    )


def _standing(chart: StackedBars, mark: str, ink: str) -> list[str]:
    parts = []
    for line in chart.y_marks:
        parts.append(
            f'<line x1="{chart.left}" x2="{WIDTH}" y1="{line.at}" y2="{line.at}" stroke="{ink}" '
            f'stroke-opacity="0.18"/><text x="{chart.left - 4}" y="{line.at + 4}" text-anchor="end">'
            f"{line.text}</text>"
        )
    for bar in chart.bars:
        parts.append(_bar(bar.x, bar.y, bar.width, bar.height, _hatch(mark, bar.series), ink))
    for x, y, total in chart.totals:
        parts.append(f'<text x="{x}" y="{y}" text-anchor="middle">{total}</text>')
    for label in chart.x_marks:
        parts.append(
            f'<text x="{label.at}" y="{chart.base + 16}" text-anchor="middle">{escape(label.text)}</text>'
        )
    return parts


def _lying(chart: LyingBars, mark: str, ink: str) -> list[str]:
    parts = []
    for row in chart.bars:
        middle = row.y + chart.bar / 2 + 4
        parts.append(
            f'<text x="{chart.left - 6}" y="{middle}" text-anchor="end">'
            f"{escape(_shortened(row.label))}</text>"
        )
        parts.append(_bar(chart.left, row.y, row.width, chart.bar, _hatch(mark, 0), ink))
        parts.append(f'<text x="{chart.left + row.width + 6}" y="{middle}">{escape(row.text)}</text>')
    return parts


def level_of(count: int, most: int) -> int:
    """Return 0 for none, and 1 to 5 in equal steps up to the most."""
    return -(-count * len(LEVELS) // most) if count else 0


def _map(labels: Sequence[str], series: Series, ink: str) -> list[str]:
    """A field a series and label with its number in it: without any colour, what is darker has more."""
    most = max((value for _name, values in series for value in values), default=0)
    wide = (WIDTH - NAMES) / max(1, len(labels))
    parts = [
        f'<text x="{NAMES + wide * (place + 0.5):.1f}" y="12" text-anchor="middle" font-size="8">'
        f"{escape(label)}</text>"
        for place, label in enumerate(labels)
    ]
    for row, (name, values) in enumerate(series):
        y = HEAD + HIGH * row
        parts.append(
            f'<text x="{NAMES - 5}" y="{y + 15}" text-anchor="end">{escape(_shortened(name))}</text>'
        )
        for place, value in enumerate(values):
            level = level_of(value, most)
            x = NAMES + wide * place
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{wide - 1:.1f}" height="{HIGH - 1}" '
                f'fill="{LEVELS[level - 1] if level else "none"}" stroke="{ink}" stroke-opacity="0.25"/>'
            )
            if value:
                colour = "#fff" if level > DARK_FROM else "#1a1a1a"
                parts.append(
                    f'<text x="{x + wide / 2:.1f}" y="{y + 14}" text-anchor="middle" font-size="8" '
                    f'fill="{colour}">{value}</text>'
                )
    return parts


def _legend(names: Sequence[str], mark: str, ink: str) -> list[str]:
    slot, y = WIDTH / max(1, len(names)), HEIGHT + 2
    parts = []
    for number, name in enumerate(names):
        x = round(number * slot + 8, 1)
        parts.append(_bar(x, y, 14, 12, _hatch(mark, number), ink))
        parts.append(f'<text x="{x + 19}" y="{y + 10}">{escape(_shortened(name))}</text>')
    return parts


def _bar(x: float, y: float, width: float, height: float, fill: str, ink: str) -> str:
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}" stroke="{ink}" '
        'stroke-width="0.6"/>'
    )


def _hatch(mark: str, number: int) -> str:
    fill = FILLS[number % len(FILLS)]
    return fill if isinstance(fill, str) else f"url(#h{mark}{fill})"


def _shortened(text: str, longest: int = 20) -> str:
    """A text of so many Latin letters at most, of Chinese ones half as many: they are twice as wide."""
    wide, kept = 0, ""
    for letter in text:
        wide += 2 if ord(letter) > 0x2E7F else 1
        if wide > longest:
            return f"{kept.rstrip()}…"
        kept += letter
    return kept
