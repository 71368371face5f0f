"""Parts that show the last periods: records by grade, limits kept, time to restore, any one figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from reports.addresses import rows_address
from reports.board.asked import Board
from reports.board.parts.part import Cell, Legend, Row, Shown, behind, head_of, number
from reports.board.shown import axis_words, round_unit
from reports.charts.bars import stacks
from reports.charts.drawing import Drawing
from reports.charts.lines import Series, Value, lines, share_span
from reports.figures import figures
from reports.kpis import KPIS
from reports.kpis.definition import Kpi, Share
from reports.kpis.figure import NOTHING, Figure, Unit
from reports.kpis.series import BY_GRADE
from reports.periods import Period
from reports.targets import Aim, targets_for, targets_of
from reports.wording import interval_words, number_words, whole_words

IN_TIME = ("response", "diagnosis", "resolution", "arrival")
MARKS = ("a", "b", "c", "d")
Course = Mapping[Period, Figure]


def volume(board: Board) -> Shown:
    """Records reported in each period, in stacks of their grades."""
    periods = board.shown
    found = figures(BY_GRADE.values(), board.chosen.scope, periods, now=board.now)
    counts = {
        grade: [int(found[kpi.key, period].numerator) for period in periods]
        for grade, kpi in BY_GRADE.items()
    }
    names = {grade: (f"grade-{grade or 'none'}", str(kpi.name)) for grade, kpi in BY_GRADE.items()}
    rows = []
    for place, period in enumerate(periods):
        cells = [
            number(counts[grade][place], behind(board, "reported", period=period, grade=grade or "none"))
            for grade in BY_GRADE
        ]
        total = sum(values[place] for values in counts.values())
        address = behind(board, "reported", period=period)
        rows.append(Row(head_of(board, period), [*cells, number(total, address, is_strong=True)]))
    series = [(*names[grade], values) for grade, values in counts.items()]
    return Shown(
        drawing=stacks(_labels(periods), series, so_far=board.so_far)
        if any(map(any, counts.values()))
        else None,
        head=[_("Period"), *(name for _mark, name in names.values()), _("Total")],
        rows=rows,
        legend=[Legend(mark, name) for mark, name in names.values()],
        note=_("By the time of the call."),
        empty=_("Nothing was reported in these periods."),
    )


def in_time(board: Board) -> Shown:
    """The shares of limits kept, over the last periods, with what is aimed at."""
    return _courses(board, [KPIS[key] for key in IN_TIME])


def one(board: Board, kpi: Kpi) -> Shown:
    """One figure over the last periods, each value with its interval and how many stand behind it."""
    periods = board.shown
    found = figures([kpi], board.chosen.scope, periods, now=board.now)
    course = {period: found[kpi.key, period] for period in periods if (kpi.key, period) in found}
    aims = {period: aims[kpi.key] for period, aims in targets_of(periods).items()}
    rows = [
        Row(
            head_of(board, period),
            [
                Cell(whole_words(figure, aims[period])),
                Cell(interval_words(figure) or NOTHING),
                number(_behind(figure), rows_address(kpi.key, board.chosen, period)),
            ],
        )
        for period, figure in course.items()
    ]
    values = [_value(figure, aims[period], bounds=True) for period, figure in course.items()]
    targets = [aims[period].target for period in course]
    return Shown(
        drawing=_drawn(board, [Series("a", str(kpi.name), values, targets)], kpi.unit),
        head=[_("Period"), str(kpi.name), _("95 % interval"), "n"],
        rows=rows,
        legend=_legend(
            [("a", str(kpi.name))], has_target=any(target is not None for target in targets), has_bounds=True
        ),
        note=_small_words(aims[board.period].minimum_sample),
        empty=_("There is no value in these periods."),
    )


def satisfaction(board: Board) -> Shown:
    """What clients say of the work, with how sure that is."""
    return one(board, KPIS["satisfaction"])


def restore(board: Board) -> Shown:
    """How long a fault lasted: the middle one, and what nine in ten do not exceed."""
    kpi, periods = KPIS["mttr"], board.shown
    aim = targets_for(board.period)[kpi.key]
    found = figures([kpi], board.chosen.scope, periods, now=board.now)
    course = {period: found[kpi.key, period] for period in periods}
    middle, most = _("Half are restored within"), _("Nine in ten within")
    series = [
        Series("a", middle, [_seconds(figure, figure.median, aim) for figure in course.values()]),
        Series("b", most, [_seconds(figure, figure.p90, aim) for figure in course.values()]),
    ]
    rows = [
        Row(
            head_of(board, period),
            [
                *(Cell(_said(seconds)) for seconds in (figure.median, figure.p90, figure.value)),
                number(_behind(figure), rows_address(kpi.key, board.chosen, period)),
            ],
        )
        for period, figure in course.items()
    ]
    return Shown(
        drawing=_drawn(board, series, Unit.SECONDS),
        head=[_("Period"), middle, most, _("Mean"), "n"],
        rows=rows,
        legend=_legend([("a", middle), ("b", most)]),
        note=_("A mean hides the long ones.") + " " + _small_words(aim.minimum_sample),
        empty=_("No fault was solved in these periods."),
    )


def _courses(board: Board, kpis: Sequence[Kpi]) -> Shown:
    """Shares beside each other over the last periods, those that the scope narrows."""
    periods, scope = board.shown, board.chosen.scope
    kpis = [kpi for kpi in kpis if kpi.measures(scope)]
    aims = targets_of(periods)
    found = figures(kpis, scope, periods, now=board.now)
    series, head = [], [_("Period")]
    for mark, kpi in zip(MARKS, kpis, strict=False):
        own = [aims[period][kpi.key] for period in periods]
        values = [_value(found[kpi.key, period], aim) for period, aim in zip(periods, own, strict=True)]
        series.append(Series(mark, str(kpi.name), values, [aim.target for aim in own]))
        head += [str(kpi.name), _("Fell short") if isinstance(kpi, Share) else "n"]
    rows = []
    for period in periods:
        cells = []
        for kpi in kpis:
            figure = found[kpi.key, period]
            missed = (figure.denominator or 0) - int(figure.numerator)
            cells += [
                Cell(
                    whole_words(figure, aims[period][kpi.key]),
                    rows_address(kpi.key, board.chosen, period) if _behind(figure) else "",
                ),
                number(missed, rows_address(kpi.key, board.chosen, period, part="others")),
            ]
        rows.append(Row(head_of(board, period), cells))
    return Shown(
        drawing=_drawn(board, series, Unit.PERCENT),
        head=head,
        rows=rows,
        legend=_legend([(one.mark, one.name) for one in series], has_target=True),
        note=_small_words(min((aims[board.period][kpi.key].minimum_sample for kpi in kpis), default=0)),
        empty=_("No limit ended in these periods."),
    )


def _drawn(board: Board, series: Sequence[Series], unit: Unit) -> Drawing | None:
    """The lines; None where no period has a value."""
    known = [value.value for one in series for value in one.values if value.value is not None]
    if not known:
        return None
    aims = [target for one in series for target in one.targets if target is not None]
    span = share_span([*known, *aims]) if unit in (Unit.PERCENT, Unit.POINTS) else None
    step = round_unit(unit, max(known))
    words = axis_words(unit, step)
    return lines(_labels(board.shown), series, span=span, unit=step, said=words, so_far=board.so_far)


def _value(figure: Figure, aim: Aim, *, bounds: bool = False) -> Value:
    small = aim.is_small(figure)
    return Value(figure.value, whole_words(figure, aim), small, figure.interval() if bounds else None)


def _seconds(figure: Figure, seconds: float | None, aim: Aim) -> Value:
    return Value(seconds, _said(seconds), aim.is_small(figure))


def _said(seconds: float | None) -> str:
    return NOTHING if seconds is None else number_words(Unit.SECONDS, seconds)


def _behind(figure: Figure) -> int:
    """How many rows stand behind a figure."""
    return int(figure.numerator) if figure.denominator is None else figure.denominator


def _labels(periods: Sequence[Period]) -> list[str]:
    """Periods as short as an axis wants them: the year where it begins, and at the first."""
    labels = []
    for place, period in enumerate(periods):
        text = str(period)
        year, _dash, rest = text.partition("-")
        is_new = place == 0 or str(periods[place - 1])[:4] != year
        labels.append(text[2:] if rest and is_new else rest or year)
    return labels


def _legend(
    names: Sequence[tuple[str, str]], *, has_target: bool = False, has_bounds: bool = False
) -> list[Legend]:
    found = [Legend(mark, name, "line") for mark, name in names]
    if has_target:
        found.append(Legend("target", _("Target"), "target"))
    if has_bounds:
        found.append(Legend("whisker", _("95 % interval"), "whisker"))
    return found


def _small_words(minimum: int) -> str:
    return _("A hollow mark stands on fewer than %(n)s.") % {"n": minimum}
