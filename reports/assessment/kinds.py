"""What assessments and their schemes may be: states, effects, where a bonus or penalty comes from. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SchemeState(TextChoices):
    DRAFT = "draft", pgettext_lazy("assessment", "Draft")
    ADOPTED = "adopted", pgettext_lazy("assessment", "Adopted")


class AssessmentState(TextChoices):
    DRAFT = "draft", _("To be checked")
    SHOWN = "shown", _("Shown, open to appeal")
    APPEALED = "appealed", _("Appealed")
    FINAL = "final", _("Final")


class Effect(TextChoices):
    BONUS = "bonus", _("Bonus")
    PENALTY = "penalty", _("Penalty")
    VETO = "veto", _("Veto: the lowest grade")


class Source(TextChoices):
    """Who finds it: the supervisor, or a rule in the rows of the month."""

    HAND = "hand", _("entered by hand")
    OVERRUN = "overrun", _("overruns that were ruled an own cause")
    INSPECTION = "inspection", _("missed inspections")
    COMPLAINT = "complaint", _("founded complaints")
    HOLIDAY = "holiday", _("grade-1 faults of a holiday, every limit kept")
    DANGER = "danger", _("hidden dangers that an inspection found")


EFFECT_OF: Mapping[Source, Effect] = {
    Source.OVERRUN: Effect.PENALTY,
    Source.INSPECTION: Effect.PENALTY,
    Source.COMPLAINT: Effect.PENALTY,
    Source.HOLIDAY: Effect.BONUS,
    Source.DANGER: Effect.BONUS,
}


class Thing(TextChoices):
    """What an item leads to."""

    RECORD = "record", _("Record")
    OVERRUN = "overrun", _("Overrun")
    INSPECTION = "inspection", _("Inspection")


class Excuse(TextChoices):
    """The causes that can excuse; what was our own never does (as with overruns, §3.2)."""

    CLIENT = "client", _("The client's cause")
    THIRD_PARTY = "third_party", _("A third party's cause")
    FORCE_MAJEURE = "force_majeure", _("Force majeure")


class Outcome(TextChoices):
    UPHELD = "upheld", _("Upheld: the assessment was changed")
    DISMISSED = "dismissed", _("Dismissed: it stays as it was")


class EventKind(TextChoices):
    DRAFTED = "drafted", _("Drafted")
    RECOUNTED = "recounted", _("Counted anew")
    ADDED = "added", _("Entered")
    TAKEN_OUT = "taken_out", _("Taken out")
    EXCUSED = "excused", pgettext_lazy("assessment", "Excused")
    SHOWN = "shown", _("Checked and shown")
    APPEALED = "appealed", _("Appealed")
    RULED = "ruled", _("Ruled on the appeal")
    FINAL = "final", _("Final")
    REPORTED_UP = "reported_up", _("Reported up")
    SCHEME_BEGUN = "scheme_begun", _("Scheme drafted")
    SCHEME_SAVED = "scheme_saved", _("Draft changed")
    SCHEME_DROPPED = "scheme_dropped", _("Draft dropped")
    SCHEME_ADOPTED = "scheme_adopted", _("Scheme adopted")
