"""What is asked and answered about corrective actions through the REST interface."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from clients.models import Channel
from staff.rest import Coded, ListQuery, Moment, Person, Strict
from staff.restaddresses import in_path
from surveys.correcting import MOST_WHYS, CorrectiveState, Effect, RootCause, Source
from surveys.correctivefilters import QUEUES
from surveys.models import CorrectiveAction, CorrectiveEventKind
from surveys.models.corrective import LONGEST
from tickets.bodies import RECORD

BY_ID = in_path("action", _("The corrective action's id."))


def _words(**more: Any) -> serializers.CharField:
    return serializers.CharField(max_length=LONGEST, **more)


class CorrectiveQuery(ListQuery):
    """Without a state: what is not closed."""

    state = serializers.ChoiceField(list(QUEUES.items()), required=False)
    source = serializers.ChoiceField(Source.choices, required=False)
    group = serializers.CharField(required=False, max_length=50, help_text=_("Code of an O&M group."))
    owner = serializers.CharField(required=False, max_length=150, help_text=_("A user name."))
    client = serializers.CharField(required=False, max_length=50, help_text=_("The code of a client."))


class OpenCorrectiveBody(Strict):
    client = serializers.CharField(max_length=50, help_text=_("The code of a client."))
    record = serializers.RegexField(RECORD, required=False, help_text=_("A maintenance record: T-10234."))
    title = serializers.CharField(max_length=200)
    words = _words(required=False, default="", allow_blank=True, help_text=_("In the client's words"))


class AnalyseBody(Strict):
    whys = serializers.ListField(
        child=serializers.CharField(max_length=500), min_length=1, max_length=MOST_WHYS
    )
    root_cause = serializers.ChoiceField(RootCause.choices)


class PlanBody(Strict):
    measure = _words()
    owner = serializers.CharField(max_length=150, help_text=_("A user name."))
    due_on = serializers.DateField()


class CarryOutBody(Strict):
    result = _words()


class ReplyBody(Strict):
    """An e-mail is sent; what was said otherwise is written down, with whom and when."""

    reply = _words()
    reply_how = serializers.ChoiceField(Channel.choices)
    reply_to = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    replied_at = Moment(required=False, allow_null=True, default=None)


class VerifyBody(Strict):
    is_done = serializers.BooleanField()
    verification = _words()


class EffectBody(Strict):
    effect = serializers.ChoiceField(Effect.choices)
    effect_note = _words()


class NothingToSayBody(Strict):
    """Nothing to say."""


class DropBody(Strict):
    reason = _words()


class CorrectiveEventSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(CorrectiveEventKind.choices)
    at = Moment()
    by = Person(allow_null=True)
    text = serializers.CharField()


class CorrectiveSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    number = serializers.CharField()
    title = serializers.CharField()
    source = serializers.ChoiceField(Source.choices)
    state = serializers.ChoiceField(CorrectiveState.choices)
    state_label = serializers.CharField(source="get_state_display")
    round = serializers.IntegerField()
    client = Coded()
    group = Coded()
    owner = Person(allow_null=True)
    record = serializers.SerializerMethodField(help_text=_("The maintenance record's number."))
    opened_at = Moment()
    due_at = Moment(allow_null=True, help_text=_("By when the next step is due."))
    is_overdue = serializers.SerializerMethodField()
    over_at = Moment(allow_null=True)
    version = serializers.IntegerField()

    def get_record(self, action: CorrectiveAction) -> str | None:
        return f"T-{action.ticket_id}" if action.ticket_id else None

    def get_is_overdue(self, action: CorrectiveAction) -> bool:
        return action.is_overdue(self.context["now"])


class CorrectiveWholeSerializer(CorrectiveSerializer):
    """With all its parts, what is missing before it can be closed, and its history."""

    words = serializers.CharField()
    missing = serializers.SerializerMethodField()
    whys = serializers.ListField(child=serializers.CharField())
    root_cause = serializers.CharField()
    measure = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    result = serializers.CharField()
    carried_out_at = Moment(allow_null=True)
    was_late = serializers.BooleanField()
    reply = serializers.CharField()
    reply_how = serializers.CharField()
    reply_to = serializers.CharField()
    replied_at = Moment(allow_null=True)
    replied_by = Person(allow_null=True)
    verification = serializers.CharField()
    verified_at = Moment(allow_null=True)
    verified_by = Person(allow_null=True)
    resurvey = serializers.CharField(source="resurvey.number", allow_null=True, default=None)
    effect_due_on = serializers.DateField(allow_null=True)
    effect = serializers.CharField()
    effect_note = serializers.CharField()
    dropped_because = serializers.CharField()
    history = serializers.SerializerMethodField()

    def get_missing(self, action: CorrectiveAction) -> list[str]:
        return [part.value for part in action.facts.missing()] if action.is_open else []

    def get_history(self, action: CorrectiveAction) -> list[dict[str, Any]]:
        events = action.events.select_related("by")
        return CorrectiveEventSerializer(events, many=True, context=self.context).data
