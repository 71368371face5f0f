"""Figures of a dashboard as tiles and lines, written without templates (decision 10)."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reports.board.shown import Change, Light
from reports.board.tiles import Tile
from reports.templatetags.drawings import sparkline
from reports.wording import whole_words
from staff.templatetags.look import TREND_WORDS, icon

register = template.Library()
LIGHTS = {Light.REACHED: "circle-check", Light.MISSED: "alert"}


@register.simple_tag
def tiles_drawn(tiles: Iterable[Tile], running: bool) -> SafeString:
    """Write the tiles of the first look."""
    course = reverse("reports:course")
    return SafeString("".join(_tile(tile, course, running) for tile in tiles))


@register.simple_tag
def figure_lines(tiles: Iterable[Tile]) -> SafeString:
    """Write the lines of the table of all figures."""
    course = reverse("reports:course")
    return SafeString("".join(_line(tile, course) for tile in tiles))


def _tile(tile: Tile, course: str, running: bool) -> str:
    address, name = f"{course}?{escape(tile.course)}", escape(str(tile.kpi.name))
    alert = ' data-alert="near"' if tile.light is Light.MISSED else ""
    notes = [_target(tile), *_surety(tile)]
    lines = "".join(f'<span class="tile-note tnum">{note}</span>' for note in notes if note)
    more = " ".join([*_links(tile), *_beside(tile)])
    return (
        f'<article class="tile figure-tile"{alert}>'
        f'<h3 class="tile-label"><a href="{address}">{name}</a></h3>'
        f'<span class="tile-value tnum">{_value(tile)}</span>{_durations(tile)}{lines}'
        f'<span class="tile-note tnum">{_change(tile.change)} {_before(tile)}</span>'
        f'<a class="figure-course" href="{address}" tabindex="-1" aria-hidden="true">'
        f"{sparkline(tile.spark)}</a>"
        f'<span class="tile-note tnum figure-links">{more}</span></article>'
    )


def _line(tile: Tile, course: str) -> str:
    address, name = f"{course}?{escape(tile.course)}", escape(str(tile.kpi.name))
    n = "" if tile.n is None else str(tile.n)
    cells = (
        (_("Value"), f"<b>{_value(tile)}</b>{_few(tile)}", "num"),
        (_("95 % interval"), escape(tile.interval) or "–", "num"),
        ("n", n or "–", "num"),
        (_("Target"), _target(tile) or "–", ""),
        (_("Period before"), _before_value(tile), "num"),
        (_("Change since"), _change(tile.change) or "–", ""),
        (_("Fell short"), _missed(tile) or "–", "num"),
    )
    written = "".join(
        f'<td class="{css} tnum" data-label="{escape(label)}"><span>{text}</span></td>'
        for label, text, css in cells
    )
    head = f'<th class="wrap" scope="row"><a href="{address}">{name}</a></th>'
    return f"<tr>{head}{written}</tr>\n"


def _value(tile: Tile) -> str:
    """The value, which leads to its rows."""
    unit = f'<span class="tile-unit">{escape(tile.unit)}</span>' if tile.unit else ""
    text = f"{escape(tile.value)}{unit}"
    return f'<a href="{escape(tile.rows)}">{text}</a>' if tile.rows else text


def _target(tile: Tile) -> str:
    """What is aimed at, and whether it is reached: by a sign and a word, not by colour alone."""
    if not tile.target:
        return ""
    sign = "≥" if tile.kpi.higher_is_better else "≤"
    aim = escape(_("target %(sign)s %(target)s") % {"sign": sign, "target": tile.target})
    if tile.light is Light.NONE:
        return aim
    word = _("on target") if tile.light is Light.REACHED else _("off target")
    return (
        f'<span class="light" data-light="{tile.light}">{icon(LIGHTS[tile.light])}{escape(word)}</span> {aim}'
    )


def _surety(tile: Tile) -> list[str]:
    if tile.figure.value is None:
        return [escape(_("nothing to count"))]
    said = [] if tile.n is None else [f"n = {tile.n}"]
    if tile.interval:
        said.append(f'<span title="{escape(_("95 % interval"))}">{escape(tile.interval)}</span>')
    return [" · ".join(said) + _few(tile)] if said else []


def _few(tile: Tile) -> str:
    return f' <span class="tag">{escape(_("small sample"))}</span>' if tile.is_small else ""


def _durations(tile: Tile) -> str:
    if not tile.median:
        return ""
    words = _("median %(median)s · nine in ten within %(p90)s") % {"median": tile.median, "p90": tile.p90}
    return f'<span class="tile-note tnum">{escape(words)}</span>'


def _change(change: Change | None) -> str:
    if change is None:
        return ""
    arrow = {"+": "arrow-up", "−": "arrow-down"}.get(change.sign, "arrow-right")
    text = f"{escape(change.text)} " if change.text else ""
    word = f'<span class="trend-word">{TREND_WORDS[change.kind]}</span>'
    return f'<span class="trend" data-trend="{change.kind}">{icon(arrow)}{text}{word}</span>'


def _before(tile: Tile) -> str:
    words = _("before: %(value)s") % {"value": tile.before}
    n = "" if not tile.before_n else f" (n = {tile.before_n})"
    text = escape(f"{words}{n}")
    return f'<a href="{escape(tile.rows_before)}">{text}</a>' if tile.rows_before else text


def _before_value(tile: Tile) -> str:
    text = escape(tile.before)
    return f'<a href="{escape(tile.rows_before)}">{text}</a>' if tile.rows_before else text


def _missed(tile: Tile) -> str:
    return f'<a href="{escape(tile.rows_failed)}">{tile.failed}</a>' if tile.failed else ""


def _links(tile: Tile) -> list[str]:
    """The way to the rows that speak against a share."""
    if not tile.failed:
        return []
    words = _("%(n)s fell short") if tile.kpi.higher_is_better else _("%(n)s such")
    return [f'<a href="{escape(tile.rows_failed)}">{escape(words % {"n": tile.failed})}</a>']


def _beside(tile: Tile) -> list[str]:
    """What could make the figure look better than the work was: never left out, even where it is none."""
    said = []
    for kpi, figure, address in tile.beside:
        text = escape(f"{kpi.name}: {whole_words(figure)}")
        said.append(f'<a href="{escape(address)}">{text}</a>' if address else f"<span>{text}</span>")
    return said
