"""What is asked and answered about changes through the REST interface."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from clients.models import Channel
from staff.rest import Coded, ListQuery, Moment, Person, Strict
from staff.restaddresses import in_path
from tickets.changefilters import QUEUES
from tickets.changes import OVER, ChangeState, Outcome, Step, WorkHours, WorkStep
from tickets.changestanding import papers_of
from tickets.changewords import faults_of
from tickets.models import Change, Entry, EntryKind, Risk, WorkType
from tickets.models.works import LONGEST

LARGEST_ID = 2**63 - 1
BY_ID = in_path("change", _("The change's id: its record's number without the letter."))


def _words(**more: Any) -> serializers.CharField:
    return serializers.CharField(max_length=LONGEST, **more)


def _maybe() -> serializers.CharField:
    return _words(required=False, default="", allow_blank=True)


def _id(**more: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=LARGEST_ID, **more)


class WorkChangeQuery(ListQuery):
    """Without a state: what is not closed."""

    state = serializers.ChoiceField(list(QUEUES.items()), required=False)
    type = serializers.CharField(required=False, max_length=40, help_text=_("Code of a work type."))
    group = serializers.CharField(required=False, max_length=50, help_text=_("Code of an O&M group."))
    client = serializers.CharField(required=False, max_length=50, help_text=_("The code of a client."))
    owner = serializers.CharField(required=False, max_length=150, help_text=_("A user name."))
    week = serializers.DateField(required=False, help_text=_("Windows that touch the week of this day."))


class WorkPlanBody(Strict):
    plan = _maybe()
    impact = _maybe()
    rollback = _maybe()
    checks = _maybe()
    risk = serializers.ChoiceField(Risk.choices, default=Risk.MEDIUM)


class WorkDraftBody(WorkPlanBody):
    """A plan need not be whole; what is missing is said when it is submitted."""

    type = serializers.CharField(max_length=40, help_text=_("Code of a work type."))
    client = serializers.CharField(max_length=50, help_text=_("The code of a client."))
    title = serializers.CharField(max_length=200)
    system = _id(required=False, allow_null=True, default=None)
    contact = _id(required=False, allow_null=True, default=None)
    owner = serializers.CharField(
        max_length=150, required=False, help_text=_("A user name. Without one: your own.")
    )
    details = _maybe()


class WorkEmptyBody(Strict):
    """Nothing to say."""


class WorkApproveBody(Strict):
    note = _maybe()


class WorkReasonBody(Strict):
    reason = _words()


class WorkClientBody(Strict):
    client_by = serializers.CharField(max_length=120)
    client_how = serializers.ChoiceField(Channel.choices)
    attachment = _id(help_text=_("The id of one of the record's files."))


class WorkScheduleBody(Strict):
    window_from = Moment()
    window_to = Moment()


class WorkStartBody(Strict):
    overrule = _words(
        required=False, default="", allow_blank=True, help_text=_("Why outside the window; a superior alone.")
    )


class WorkFinishBody(Strict):
    outcome = serializers.ChoiceField(Outcome.choices)
    result = _words()


class WorkReviewBody(Strict):
    review = _words()


class WorkFileBody(Strict):
    document = _id(help_text=_("The id of a required document."))
    attachment = _id(help_text=_("The id of one of the record's files."))


class WorkWaiveBody(Strict):
    document = _id(help_text=_("The id of a required document."))
    reason = serializers.CharField(max_length=1000)


class WorkDocumentSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    step = serializers.ChoiceField(WorkStep.choices)
    name = serializers.CharField(source="label")
    is_settled = serializers.BooleanField()
    attachment = serializers.IntegerField(source="file_id", allow_null=True)
    waived_because = serializers.CharField()


class WorkChangeEntrySerializer(serializers.Serializer):
    at = Moment()
    by = Person(allow_null=True)
    text = serializers.CharField()
    changes = serializers.DictField()


class WorkConflictSerializer(serializers.Serializer):
    kind = serializers.CharField(source="kind.value")
    label = serializers.CharField(source="kind.label")
    about = serializers.CharField()
    other = serializers.SerializerMethodField(help_text=_("The number of the change it collides with."))

    def get_other(self, conflict: Any) -> str | None:
        return f"T-{conflict.other}" if conflict.other else None


class WorkChangeSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    number = serializers.CharField()
    title = serializers.CharField(source="ticket.title")
    type = Coded()
    state = serializers.ChoiceField(ChangeState.choices)
    state_label = serializers.CharField(source="get_state_display")
    client = Coded(source="ticket.client")
    system = serializers.SerializerMethodField(help_text=_("The id of the system."))
    group = Coded(source="ticket.group")
    owner = Person(source="ticket.owner", allow_null=True)
    risk = serializers.ChoiceField(Risk.choices)
    window_from = Moment(allow_null=True)
    window_to = Moment(allow_null=True)
    outcome = serializers.CharField()
    next_due_at = Moment(source="ticket.next_due_at", allow_null=True)
    conflicts = serializers.SerializerMethodField()
    version = serializers.IntegerField()

    def get_system(self, change: Change) -> int | None:
        return change.ticket.system_id

    def get_conflicts(self, change: Change) -> list[dict[str, Any]]:
        window = self.context["windows"].get(change.pk)
        return WorkConflictSerializer(window.conflicts if window else [], many=True).data


class WorkChangeWholeSerializer(WorkChangeSerializer):
    """With the plan, what is missing before it may begin or be closed, its documents and its history."""

    plan = serializers.CharField()
    impact = serializers.CharField()
    rollback = serializers.CharField()
    checks = serializers.CharField()
    planner = Person()
    decided_by = Person(allow_null=True)
    decided_at = Moment(allow_null=True)
    decision_note = serializers.CharField()
    client_by = serializers.CharField()
    client_at = Moment(allow_null=True)
    started_at = Moment(allow_null=True)
    started_by = Person(allow_null=True)
    overruled = serializers.CharField()
    finished_at = Moment(allow_null=True)
    result = serializers.CharField()
    reviewed_by = Person(allow_null=True)
    reviewed_at = Moment(allow_null=True)
    review = serializers.CharField()
    withdrawn_because = serializers.CharField()
    missing = serializers.SerializerMethodField(help_text=_("By name, in words."))
    documents = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField()

    def get_missing(self, change: Change) -> dict[str, str]:
        if change.state in OVER:
            return {}
        papers = papers_of(change)
        facts = change.facts(papers)
        missing = facts.missing_to_close() if change.started_at else facts.missing_to(Step.START)
        return dict(faults_of(missing, papers))

    def get_documents(self, change: Change) -> list[dict[str, Any]]:
        return WorkDocumentSerializer(papers_of(change), many=True).data

    def get_history(self, change: Change) -> list[dict[str, Any]]:
        entries = Entry.objects.filter(ticket=change.ticket_id, kind=EntryKind.CHANGE).select_related("by")
        return WorkChangeEntrySerializer(entries, many=True, context=self.context).data


class WorkRequiredSerializer(serializers.Serializer):
    step = serializers.ChoiceField(WorkStep.choices)
    name = serializers.CharField()
    name_en = serializers.CharField()


class WorkTypeSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField()
    needs_client = serializers.BooleanField()
    needs_window = serializers.BooleanField()
    needs_review = serializers.BooleanField()
    lead_days = serializers.IntegerField()
    hours = serializers.ChoiceField(WorkHours.choices)
    is_active = serializers.BooleanField()
    documents = serializers.SerializerMethodField()

    def get_documents(self, work_type: WorkType) -> list[dict[str, Any]]:
        return WorkRequiredSerializer(work_type.documents.all(), many=True).data
