"""What the verbs of a record's page ask for, do and say."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from staff.files import Upload
from staff.models import User
from tickets import actions
from tickets.dispatchforms import DISPATCH_FORMS
from tickets.forms import FORMS as OWN_FORMS
from tickets.ladderforms import LADDER_FORMS
from tickets.linkforms import LINK_FORMS, TyingForm
from tickets.meetingforms import MEETING_FORMS
from tickets.models import Entry, Ticket
from tickets.views.dispatching import call_off, phoned_in

FORMS = OWN_FORMS | LINK_FORMS | LADDER_FORMS | MEETING_FORMS | DISPATCH_FORMS


def _note(
    ticket: Ticket, *, text: str, files: list[Upload], minutes: int | None, by: User, now: datetime
) -> Entry:
    """A note; with files it comes with them."""
    if files:
        return actions.attach(ticket, files, text=text, minutes=minutes, by=by, now=now)
    return actions.add_note(ticket, text=text, minutes=minutes, by=by, now=now)


VERBS = {
    "acknowledge": actions.acknowledge,
    "grade": actions.grade,
    "assign": actions.assign,
    "diagnose": actions.diagnose,
    "note": _note,
    "message": actions.write_to_client,
    "tell_client": actions.tell_client,
    "step_up": actions.step_up,
    "convene": actions.convene,
    "decide": actions.decide,
    "join_meeting": actions.join_meeting,
    "call_in": actions.call_in,
    "follow_up": actions.follow_up,
    "repeat_contact": actions.repeat_contact,
    "pause": actions.pause,
    "resume": actions.resume,
    "resolve": actions.resolve,
    "confirm": actions.confirm,
    "reopen": actions.reopen,
    "link": actions.link,
    "unlink": actions.unlink,
    "merge": actions.merge,
    "unmerge": actions.unmerge,
    "split": actions.split,
    "adopt": actions.adopt,
    "file_written_report": actions.file_written_report,
    "dispatch": actions.dispatch,
    "phoned_in": phoned_in,
    "call_off": call_off,
}
DONE = {
    "acknowledge": _("It is yours. The response clock has stopped."),
    "grade": _("Graded. The clocks run by the new limits."),
    "assign": _("Assigned, and the new owner is told."),
    "diagnose": _("Diagnosis confirmed. The diagnosis clock has stopped."),
    "note": _("Added to the history."),
    "message": _("Written to the client."),
    "tell_client": _("Written down as told to the client."),
    "step_up": _("The next step of the service ladder is recorded."),
    "convene": _(
        "The coordination meeting is convened, and everybody invited is told. The verdict clock runs."
    ),
    "decide": _("The verdict is recorded, and the owner is told."),
    "join_meeting": _("Written down who has joined the meeting."),
    "call_in": _("Called to the meeting, and told at once."),
    "follow_up": _("Written down, and whoever sees to it is told."),
    "repeat_contact": _("Written down as a further call. The owner is told."),
    "pause": _("Waiting. It comes back at the time you chose."),
    "resume": _("The clocks run on."),
    "resolve": _("Resolved. Now ask the client whether he is satisfied."),
    "confirm": _("Closed with the client's word."),
    "reopen": _("Reopened. The resolution clock starts anew."),
    "link": _("Linked. It stands in the history of both records."),
    "unlink": _("The link is removed. It stands in the history of both records."),
    "merge": _("Merged. The other record answers for it, and its owner is told."),
    "unmerge": _("Undone. The record goes on where it stood, and the time meanwhile counts."),
    "split": _("Split off. The second matter has its own record and its own clocks."),
    "adopt": _("It is part of this mass fault now."),
    "file_written_report": _("Filed. A technician may go on site now."),
    "dispatch": _("Sent, and the engineer is told. The arrival clock runs."),
    "phoned_in": _("Written down as he reported it."),
    "call_off": _("Called off, and the engineer is told."),
}


def form_of(verb: str, ticket: Ticket, user: User, data: object = None, files: object = None) -> forms.Form:
    """The form of a verb on a record: empty, or with what was sent."""
    needs_record = ("assign", "message", "step_up", "decide", *MEETING_FORMS)
    more: dict[str, object] = {"ticket": ticket} if verb in needs_record else {}
    if issubclass(FORMS[verb], TyingForm):
        more = {"ticket": ticket, "user": user}
    initial = {
        "solution": ticket.solution,
        "diagnosis": ticket.diagnosis,
        "cause": ticket.cause,
        "caller_name": ticket.caller_name,
        "confirmed_by": ticket.caller_name,
        "told": ticket.caller_name,
        "person": user.pk if verb == "join_meeting" else None,
    }
    return FORMS[verb](data, files, initial=initial, prefix=verb, **more)
