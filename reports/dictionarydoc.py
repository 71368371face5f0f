"""The KPI dictionary as a page of the documentation, written from the definitions alone."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import override

from reports.kpis import SUBJECTS
from reports.kpis.definition import Kpi
from reports.scope import Axis
from reports.wording import UNITS, cohort_in_words, shape_in_words, target_words

INTRODUCTION = """\
# KPI dictionary

Written by `./script/manage kpi_dictionary` from `reports/kpis/`; a test holds that it is current. Every
figure of the product (dashboards, monthly report, assessment, wall-board, REST) is counted by these
definitions and by no other.

- **What counts.** A rate of a period covers what *fell due* in it and has come; what is still open and
  overdue has failed. Durations cover what was finished in the period. What is a duplicate, merged, dropped,
  withdrawn or set aside by a new grade does not count. An empty denominator gives “—”, never 0 or 100 %.
- **Periods** are weeks from Monday, months, quarters and years of the house's time zone, each from its first
  midnight to before the midnight after it, unless it says otherwise.
- **Intervals** are of 95 %: Wilson's for shares, Student's t for means. Below the minimum sample a figure is
  marked as small.
- **Whose.** Group, person and client are those of the record as it stands now, unless it says otherwise.
- **To be read with** are the counts without which a rate could be made beautiful: records that wait, what is
  merged, dropped or withdrawn.
- **Targets** are our defaults, not from the process document; QA auditors and administrators set others from
  a month on, and months that are over keep theirs.
"""
AXIS_WORDS = {Axis.GROUP: "group", Axis.PERSON: "person", Axis.CLIENT: "client"}


def written() -> str:
    """Return the whole page, in English with the Chinese names beside."""
    with override("en"):
        return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    for subject in SUBJECTS:
        yield f"## {subject.name} ({_chinese(subject.name)})\n"
        for kpi in subject.kpis:
            yield from _of(kpi)


def _of(kpi: Kpi) -> Iterator[str]:
    yield f"### {kpi.name} · {_chinese(kpi.name)}\n"
    yield f"{kpi.formula}\n"
    yield f"*{cohort_in_words(kpi)}*\n"
    facts = [f"`{kpi.key}`", kpi.clause, f"{shape_in_words(kpi)}, {UNITS[kpi.unit]}", _target(kpi)]
    if kpi.is_volume:
        facts.append("a volume: neither more nor less is better")
    facts.append(f"small below {kpi.minimum_sample}")
    facts.append("of a " + ", ".join(AXIS_WORDS[axis] for axis in Axis if axis in kpi.axes))
    if kpi.beside:
        facts.append("to be read with " + ", ".join(f"`{key}`" for key in kpi.beside))
    yield " · ".join(facts) + "\n"


def _target(kpi: Kpi) -> str:
    if kpi.target is None:
        return "no target"
    side = "at least" if kpi.higher_is_better else "at most"
    return f"target {side} {target_words(kpi.unit, kpi.target)}"


def _chinese(text: object) -> str:
    with override("zh-hans"):
        return str(text)
