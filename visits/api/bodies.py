"""What is asked of callbacks through the REST interface, and what is sent."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from duty.api.shapes import line, maybe, username
from staff.rest import Moment, Strict
from tickets.models import OF_CALLS
from tickets.models import Kind as RecordKind
from visits.api.base import OfClientQuery, client_code
from visits.kinds import FileKind, Kind, Method, Satisfaction, Tone
from visits.models import LONGEST
from visits.queues import Queue

MOST = 20


class CallbackQuery(OfClientQuery):
    list = serializers.ChoiceField(Queue.choices, default=Queue.ALL)
    person = username(required=False, help_text=_("Whose: a user name."))
    kind = serializers.ChoiceField(Kind.choices, required=False)
    expectation_not_met = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text=_("Only those where one was not met.")
    )


class ArrangeCallbackBody(Strict):
    client = client_code()
    method = serializers.ChoiceField(Method.choices, default=Method.PHONE)
    on = serializers.DateField(help_text=_("On a day off: the next working day."))
    note = line(300, help_text=_("What it is about."))
    contact = serializers.IntegerField(required=False, allow_null=True, default=None)
    person = username(required=False, default="", allow_blank=True)


class ProblemBody(Strict):
    """Becomes a maintenance record."""

    title = line(200)
    details = maybe(LONGEST)
    kind = serializers.ChoiceField(OF_CALLS, default=RecordKind.FAULT)
    system = serializers.IntegerField(required=False, allow_null=True, default=None)


class NeedBody(Strict):
    title = line(200)
    details = maybe(LONGEST)
    system = serializers.IntegerField(required=False, allow_null=True, default=None)
    owner = username(required=False, default="", allow_blank=True)
    due_on = serializers.DateField(required=False, allow_null=True, default=None)


class OpinionBody(Strict):
    text = line(LONGEST)
    tone = serializers.ChoiceField(Tone.choices, default=Tone.SUGGESTION)


class PromiseBody(Strict):
    text = line(300)
    due_on = serializers.DateField()
    person = username(required=False, default="", allow_blank=True)


class ReachedBody(Strict):
    """What the client said."""

    spoke_with = line(120)
    summary = maybe(LONGEST)
    is_solved = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text=_("After a fault, and required then. No: its record is taken up again."),
    )
    satisfaction = serializers.ChoiceField(Satisfaction.choices, required=False, default="", allow_blank=True)
    confirms = serializers.BooleanField(
        default=False, help_text=_("The client says: solved and satisfied. Closes the record.")
    )
    expectation_not_met = serializers.BooleanField(default=False)
    expectation_words = maybe(LONGEST)
    next_wish_on = serializers.DateField(required=False, allow_null=True, default=None)
    next_wish = maybe(300)
    problems = ProblemBody(many=True, required=False, default=list, max_length=MOST)
    needs = NeedBody(many=True, required=False, default=list, max_length=MOST)
    opinions = OpinionBody(many=True, required=False, default=list, max_length=MOST)
    promises = PromiseBody(many=True, required=False, default=list, max_length=MOST)


class CallbackNoteBody(Strict):
    note = maybe(300)


class MoveCallbackBody(Strict):
    due_at = Moment()
    reason = line(300)


class HandOverCallbackBody(Strict):
    person = username()
    note = maybe(300)


class SkipCallbackBody(Strict):
    reason = line(300)


class DecideCallbackBody(Strict):
    method = serializers.ChoiceField(Method.choices)
    on = serializers.DateField()
    reason = line(300)


class TheirsBody(Strict):
    name = line(120)
    job_title = maybe(80)


class AttendanceBody(Strict):
    place = line(200)
    began_at = Moment()
    ended_at = Moment()
    ours = serializers.ListField(child=username(), min_length=1, max_length=MOST)
    theirs = TheirsBody(many=True, min_length=1, max_length=MOST)


class CallbackFilesBody(Strict):
    kind = serializers.ChoiceField(FileKind.choices, default=FileKind.PHOTO)
    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True), help_text=_("One part for each file.")
    )
