"""What is missing of a change, said in words; and its steps in the history of its record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clients.models import Channel
from staff.refused import Refused
from tickets.changes import ChangeState, Missing, Outcome, Part
from tickets.models.works import ChangeDocument

PARTS = {
    Part.PLAN: _("The steps of the plan are missing."),
    Part.ROLLBACK: _("The rollback plan is missing."),
    Part.APPROVAL: _("The approval of a superior is missing."),
    Part.CLIENT: _("The client has not confirmed it yet."),
    Part.WINDOW: _("No window is set."),
    Part.RESULT: _("The result is missing."),
    Part.REVIEW: _("The review is missing."),
}
TEXTS = {
    "plan": _("Steps of the plan"),
    "impact": _("What is affected"),
    "rollback": _("Rollback plan"),
    "checks": _("How success is checked"),
    "risk": _("Risk"),
}


def _edited(names: str) -> str:
    """Which texts of the plan were changed, in the reader's language."""
    return gettext(", ").join(str(TEXTS[name]) for name in names.split(", ") if name in TEXTS)


LABELS = {
    "edited": _edited,
    "change_state": lambda value: ChangeState(value).label,
    "change_outcome": lambda value: Outcome(value).label,
    "client_how": lambda value: Channel(value).label,
}
FIELDS = {
    "change_state": _("State of the change"),
    "change_outcome": _("Outcome"),
    "work_type": _("Work type"),
    "window": pgettext_lazy("of a change", "Window"),
    "client_by": _("Confirmed for the client by"),
    "client_how": _("Confirmed how"),
    "paper": _("Required document"),
    "waived": _("A document is not needed"),
    "overruled": _("Outside the window, because"),
    "edited": _("Changed"),
}


class PartsMissing(Refused):
    """A step is refused: all that is missing, each part and document by its name (`faults`).

    The message names all of it too, for whoever shows no more than that.
    """

    def __init__(self, missing: Missing, papers: Iterable[ChangeDocument]) -> None:
        self.faults = faults_of(missing, papers)
        super().__init__(" ".join(self.faults.values()), field=next(iter(self.faults)), code="missing")


def faults_of(missing: Missing, papers: Iterable[ChangeDocument]) -> Mapping[str, str]:
    """What is missing in words, by the name of the part or `paper-` and the document's key."""
    words = {part.value: str(PARTS[part]) for part in missing.parts}
    names = {paper.pk: paper for paper in papers}
    for key in missing.papers:
        document = names[key]
        words[f"paper-{key}"] = gettext("The document “%(name)s” is missing (%(step)s).") % {
            "name": document.label,
            "step": document.get_step_display(),
        }
    return words
