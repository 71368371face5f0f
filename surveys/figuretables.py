"""The figures as lines of one table, from which CSV, Excel, PDF and the page's tables are written alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from staff.sheets import Cell
from surveys.figureshapes import Figures
from surveys.scope import Scope
from surveys.statistics import Change, Interval, Mean, Share
from tickets.documents.structure import Document, Section, Table, Text

WIDTHS = (30, 44, 8, 10, 12, 10, 10, 34)
PERCENT, POINTS = "%", "pt"
PLACES = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: how many of how many, its value with bounds in its unit, and what else is to be known."""

    section: str
    item: str
    n: int
    count: int | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = PERCENT
    note: str = ""

    @property
    def cells(self) -> list[Cell]:
        """As a spreadsheet takes them: numbers as numbers, rounded to one place like on the page."""
        numbers = [None if one is None else round(one, PLACES) for one in (self.value, self.low, self.high)]
        value, low, high = numbers
        return [
            self.section,
            self.item,
            self.n,
            self.count,
            value,
            low,
            high,
            f"{self.unit} {self.note}".strip(),
        ]

    @property
    def shown(self) -> str:
        """The value in words, never without its n."""
        if self.value is None:
            return f"— (n = {self.n})"
        unit = f" {self.unit}" if self.unit else ""
        bounds = "" if self.low is None or self.high is None else f" [{self.low:.1f}; {self.high:.1f}]"
        return f"{self.value:.1f}{unit}{bounds} (n = {self.n})".replace("-", "−")


def heading() -> list[str]:
    return [
        _("Section"),
        _("Figure"),
        "n",
        _("Count"),
        _("Value"),
        _("95 % from"),
        _("95 % to"),
        _("Unit and note"),
    ]


def lines(figures: Figures) -> list[Line]:
    """All figures of a scope, in the order of the page."""
    return [
        *_tiles(figures),
        *_questions(figures),
        *_trend(figures),
        *_breakdowns(figures),
        *_causes(figures),
    ]


def of_share(section: str, item: str, share: Share, note: str = "") -> Line:
    return Line(section, item, share.n, share.count, share.percent, *_bounds(share.interval), note=note)


def of_mean(section: str, item: str, mean: Mean, unit: str = PERCENT, note: str = "") -> Line:
    return Line(section, item, mean.n, None, mean.value, *_bounds(mean.interval), unit=unit, note=note)


def _bounds(interval: Interval | None) -> tuple[float | None, float | None]:
    return (interval.low, interval.high) if interval else (None, None)


def _tiles(figures: Figures) -> Iterator[Line]:
    section = _("Overview")
    yield of_mean(section, _("Mean satisfaction"), figures.mean)
    yield of_share(section, _("Satisfied (CSAT): 4 or 5 of 5"), figures.satisfied)
    score, margin = figures.recommend.score, figures.margin
    bounds = (score - margin, score + margin) if score is not None and margin is not None else (None, None)
    low, high = bounds
    n, item = figures.recommend.n, _("Would recommend (NPS)")
    yield Line(section, item, n, None, score, low, high, unit=POINTS)
    yield of_share(section, _("Little effort (CES): 5 to 7 of 7"), figures.effort)
    yield of_mean(section, _("Effort, mean of 1 to 7 (7 is easy)"), figures.effort_mean, unit="")
    yield of_share(section, _("Dissatisfied: something must follow"), figures.bad)
    yield of_share(section, _("Response rate"), figures.response)
    for label, share in figures.by_way:
        yield of_share(section, _("Response rate: %(way)s") % {"way": label}, share)
    yield of_share(
        section, _("Corrective actions carried out in time and verified"), figures.verified_in_time
    )


def _questions(figures: Figures) -> Iterator[Line]:
    for question in figures.distributions:
        for label, share in question.rows:
            yield of_share(question.label, label, share)
        if question.mean is not None:
            yield of_mean(question.label, _("Mean"), question.mean, unit="")


def _trend(figures: Figures) -> Iterator[Line]:
    section = _("Trend")
    for wave in figures.waves:
        yield of_mean(section, _("%(wave)s: mean satisfaction") % {"wave": wave.label}, wave.mean)
        note = change_words(wave.change) if wave.change else ""
        yield of_share(section, _("%(wave)s: satisfied") % {"wave": wave.label}, wave.satisfied, note)


def _breakdowns(figures: Figures) -> Iterator[Line]:
    for breakdown in figures.breakdowns:
        for part in breakdown.rows:
            note = _("fewer than 5 answers: not shown") if part.is_hidden else ""
            yield of_mean(
                breakdown.title, part.label, Mean(part.mean.value, part.n, part.mean.interval), note=note
            )
            if not part.is_hidden:
                yield of_share(breakdown.title, _("%(who)s: satisfied") % {"who": part.label}, part.satisfied)


def _causes(figures: Figures) -> Iterator[Line]:
    for causes in figures.causes:
        for row in causes.rows:
            note = _("together %(share)s") % {"share": row.cumulative}
            yield of_share(causes.title, str(row.key), row.share, note)


def change_words(change: Change) -> str:
    """How a share changed, and whether that can be chance."""
    if change.is_too_small or change.points is None or change.p is None:
        return _("sample too small")
    facts = {"points": f"{change.points:+.1f}".replace("-", "−"), "p": f"{change.p:.3f}"}
    if change.is_significant:
        return _("%(points)s points, significant (p = %(p)s)") % facts
    return _("%(points)s points, may be chance (p = %(p)s)") % facts


def document(scope: Scope, figures: Figures, *, language: str, title: str, now: datetime) -> Document:
    """The same as a document on A4."""
    by_section: dict[str, list[Line]] = {}
    for line in lines(figures):
        by_section.setdefault(line.section, []).append(line)
    sections = tuple(
        Section(name, (Table((_("Figure"), _("Value"), _("Note")), (5, 4, 4), _rows(found)),))
        for name, found in by_section.items()
    )
    how = Section(_("How it was counted"), (Text(how_words()),))
    return Document(
        language=language,
        title=title,
        number=f"{scope.since.isoformat()} – {scope.until.isoformat()}",
        subject=scope.questionnaire.label if scope.questionnaire else "",
        head=tuple(scope_words(scope)),
        sections=(*sections, how),
        signatures=(),
        footnote=title,
        page_words=_("Page {page} of {pages}"),
        left_out="",
        issued_at=timezone.localtime(now).isoformat(timespec="seconds"),
    )


def scope_words(scope: Scope) -> list[tuple[str, str]]:
    """What the figures are of, as pairs of a name and a value."""
    whose = scope.user.label if scope.is_own else scope.group.label if scope.group else _("All groups")
    return [
        (_("Questionnaire"), scope.questionnaire.label if scope.questionnaire else "—"),
        (_("Campaign"), scope.campaign.label if scope.campaign else _("All")),
        (_("Period of the answers"), f"{scope.since.isoformat()} – {scope.until.isoformat()}"),
        (_("Whose work"), whose),
    ]


def how_words() -> str:
    return _(
        "Every share stands with its n and Wilson's interval, every mean with Student's, at the level 0.95. "
        "The response rate is finished over sent less undelivered. A change between waves is tested by two "
        "proportions; where fewer than five are expected in a cell, the sample is too small. Of a person "
        "with fewer than five answers nothing is said."
    )


def _rows(found: Sequence[Line]) -> tuple[tuple[str, ...], ...]:
    return tuple((line.item, line.shown, line.note) for line in found)
