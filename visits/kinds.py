"""The words of callbacks: what there is, and in which states it stands. Pure: no database, no clock."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(TextChoices):
    """Why a client is called back (§5.3)."""

    PERIODIC = "periodic", _("Periodic")
    AFTER_FAULT = "after_fault", _("After a fault")
    NEW_SYSTEM = "new_system", pgettext_lazy("callback", "New system")
    BY_HAND = "by_hand", _("By arrangement")


class Method(TextChoices):
    PHONE = "phone", _("Phone")
    ON_SITE = "on_site", _("On site")


class State(TextChoices):
    PLANNED = "planned", pgettext_lazy("callback", "Planned")
    UNREACHED = "unreached", pgettext_lazy("callback", "Not reached")
    DONE = "done", pgettext_lazy("callback", "Done")
    REFUSED = "refused", pgettext_lazy("callback", "Refused by the client")
    COVERED = "covered", pgettext_lazy("callback", "Counted with another")
    SKIPPED = "skipped", pgettext_lazy("callback", "Skipped")
    WITHDRAWN = "withdrawn", pgettext_lazy("callback", "No longer needed")


# UNREACHED waits for the supervisor: try again, go there, or give it up.
OPEN = (State.PLANNED, State.UNREACHED)
# The client was spoken to, or did not want to speak.
HEARD = (State.DONE, State.REFUSED)
# Nobody owes these: they count neither as planned nor as left undone.
MOOT = (State.COVERED, State.WITHDRAWN)


class Result(TextChoices):
    """How one attempt ended."""

    REACHED = "reached", _("Reached")
    NOT_REACHED = "not_reached", _("Not reached")
    REFUSED = "refused", _("Did not want to talk")


class Satisfaction(TextChoices):
    VERY_SATISFIED = "5", _("Very satisfied")
    SATISFIED = "4", _("Satisfied")
    MIDDLING = "3", _("So-so")
    DISSATISFIED = "2", _("Dissatisfied")
    VERY_DISSATISFIED = "1", _("Very dissatisfied")


SATISFIED = (Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED)


class Drawing(TextChoices):
    """What became of a solved fault when callbacks were drawn (the share of its grade)."""

    PLANNED = "planned", _("Called back")
    NOT_DRAWN = "not_drawn", _("Not drawn")
    EXCLUDED = "excluded", _("Excluded")


class Exclusion(TextChoices):
    """Why a solved fault has no callback though its grade may have one; logged and counted."""

    SHARE = "share", _("outside the share of its grade")
    NO_PLAN = "no_plan", _("no plan for this type of client")
    OWN = "own", _("reported by our own people")
    FORMER = "former", _("the client is no longer served")


class NeedState(TextChoices):
    NEW = "new", pgettext_lazy("need", "New")
    ACCEPTED = "accepted", pgettext_lazy("need", "Accepted")
    PLANNED = "planned", pgettext_lazy("need", "Planned")
    DONE = "done", pgettext_lazy("need", "Done")
    DECLINED = "declined", pgettext_lazy("need", "Declined")


NEED_OVER = (NeedState.DONE, NeedState.DECLINED)
NEED_MOVES = {
    NeedState.NEW: (NeedState.ACCEPTED, NeedState.PLANNED, NeedState.DONE, NeedState.DECLINED),
    NeedState.ACCEPTED: (NeedState.PLANNED, NeedState.DONE, NeedState.DECLINED),
    NeedState.PLANNED: (NeedState.ACCEPTED, NeedState.DONE, NeedState.DECLINED),
    NeedState.DONE: (),
    NeedState.DECLINED: (),
}


class PromiseState(TextChoices):
    OPEN = "open", pgettext_lazy("promise", "Open")
    KEPT = "kept", pgettext_lazy("promise", "Kept")
    DROPPED = "dropped", pgettext_lazy("promise", "Dropped")


class Tone(TextChoices):
    PRAISE = "praise", _("Praise")
    SUGGESTION = "suggestion", _("Suggestion")
    CRITICISM = "criticism", _("Criticism")


class Side(TextChoices):
    OURS = "ours", _("From us")
    THEIRS = "theirs", _("From the client")


class FileKind(TextChoices):
    PHOTO = "photo", _("Photo")
    SHEET = "sheet", _("Signed sheet")
    SIGNATURE = "signature", _("Signature")
    OTHER = "other", _("Other file")


class EventKind(TextChoices):
    PLANNED = "planned", _("Planned")
    MOVED = "moved", _("Moved")
    REASSIGNED = "reassigned", _("Handed over")
    TRIED = "tried", _("Tried")
    DONE = "done", _("Called back")
    REFUSED = "refused", _("The client refused")
    UNREACHED = "unreached", _("Given to the supervisor")
    DECIDED = "decided", _("Supervisor's decision")
    COVERED = "covered", _("Counted with another callback")
    UNCOVERED = "uncovered", _("Owed again")
    SKIPPED = "skipped", _("Skipped")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    OVERDUE = "overdue", _("Overdue, reported up")
    SHEET = "sheet", _("Attendance written down")
    FILE = "file", _("File attached")
    PLAN_CHANGED = "plan_changed", _("Plan changed")
    SCRIPT_CHANGED = "script_changed", _("Guide changed")
    RAISED = "raised", _("Raised")
    CHANGED = "changed", _("Changed")
    KEPT = "kept", _("Kept")
    DROPPED = "dropped", _("Dropped")
