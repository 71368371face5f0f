"""Drafts of a roster: asked for, looked at, changed by hand, published, thrown away."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from duty import actions
from duty.actions import Wanted
from duty.api.addresses import Addresses, RosterViewSet
from duty.api.draftshapes import (
    CandidateSerializer,
    DraftedSerializer,
    DraftSerializer,
    DraftSlotSerializer,
    DraftWholeSerializer,
    SlotWholeSerializer,
)
from duty.api.shapes import (
    GroupQuery,
    NothingBody,
    duty,
    group_code,
    line,
    username,
)
from duty.drafted import drafted
from duty.models import DraftSlot, DutyRole, RosterDraft
from duty.models.drafts import MOST_A_WEEK, MOST_REST_DAYS
from staff.idempotency import KEY
from staff.models import User
from staff.refused import Refused
from staff.rest import ListQuery, Strict
from staff.restaddresses import ID, in_path
from staff.restnames import people_named, person_named


class DraftQuery(ListQuery, GroupQuery):
    state = serializers.ChoiceField(
        [("open", _("not yet published")), ("published", _("published")), ("discarded", _("thrown away"))],
        default="open",
    )


class TakerBody(Strict):
    person = username()
    duties = serializers.ListField(child=duty(), min_length=1, max_length=len(DutyRole))


class ShiftBody(Strict):
    """A shift that starts on each day."""

    duty = duty(default=DutyRole.PRIMARY)
    starts = serializers.TimeField()
    ends = serializers.TimeField(help_text=_("At or before the start: it ends on the day after."))


class DraftBody(Strict):
    group = group_code()
    name = line(60)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    shifts = serializers.ListField(
        child=ShiftBody(),
        max_length=20,
        help_text=_("Of each duty its shifts of a day; they may touch at most."),
    )
    people = serializers.ListField(
        child=TakerBody(), max_length=200, help_text=_("Who takes which of the duties.")
    )
    rest_days = serializers.IntegerField(
        default=1, min_value=0, max_value=MOST_REST_DAYS, help_text=_("Free days between two duties")
    )
    most_a_week = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=MOST_A_WEEK,
        help_text=_("Of one person, Monday to Sunday. Empty: no limit."),
    )


class PublishBody(Strict):
    even_so = serializers.BooleanField(default=False, help_text=_("Publish although some duties have nobody"))


class GiveBody(Strict):
    person = username(allow_null=True, help_text=_("One of those who share the duties; null: nobody."))


DRAFTS = Addresses(
    "drafts", DraftSerializer, in_path("draft", _("The draft's id.")), whole=DraftWholeSerializer
)
BY_SLOT = in_path("slot", _("The id of one of its duties."))
SLOT = rf"slots/(?P<slot>{ID})"


class DraftViewSet(RosterViewSet):
    lookup_field = "draft"
    of = DRAFTS

    @DRAFTS.listed(_("Drafts of the rosters that one may change, newest first"), DraftQuery)
    def list(self, request: Request) -> Response:
        query = self.asked(DraftQuery)
        rows = self.rows().filter(group__in=self.groups(query))
        match query["state"]:
            case "open":
                rows = rows.open()
            case "published":
                rows = rows.exclude(published_at=None)
            case _:
                rows = rows.exclude(discarded_at=None)
        return self.listed(rows, query)

    @DRAFTS.read(_("A draft: its duties, what nobody can take and why, how fair it is"))
    def retrieve(self, request: Request, draft: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @DRAFTS.made(
        _("Let a period be proposed"),
        DraftBody,
        {
            "group": "south",
            "name": "After New Year",
            "first_day": "2026-12-22",
            "last_day": "2026-12-28",
            "shifts": [
                {"duty": "primary", "starts": "08:30", "ends": "20:30"},
                {"duty": "primary", "starts": "20:30", "ends": "08:30"},
                {"duty": "backup", "starts": "08:30", "ends": "08:30"},
            ],
            "people": [
                {"person": "chen", "duties": ["primary"]},
                {"person": "li", "duties": ["primary"]},
                {"person": "wang", "duties": ["primary", "backup"]},
            ],
        },
    )
    def create(self, data: dict[str, Any], **who: Any) -> RosterDraft:
        named = [one["person"] for one in data["people"]]
        people = people_named(named, "people", seen_by=who["by"], inside="person")
        takers: dict[DutyRole, list[User]] = {
            role: [
                person
                for person, one in zip(people, data["people"], strict=True)
                if role.value in one["duties"]
            ]
            for role in DutyRole
        }
        shifts: dict[DutyRole, list[tuple[time, time]]] = {role: [] for role in DutyRole}
        for one in data["shifts"]:
            shifts[DutyRole(one["duty"])].append((one["starts"], one["ends"]))
        facts = ("name", "first_day", "last_day", "rest_days", "most_a_week")
        wanted = Wanted(
            **{fact: data[fact] for fact in facts},
            shifts=shifts,
            takers={role: own for role, own in takers.items() if own},
        )
        try:
            return actions.make_draft(self.group_named(data), wanted, **who)
        except Refused as refused:  # the form has a field for each duty's shifts
            if refused.field in {f"{role.value}_shifts" for role in DutyRole}:
                refused.field = "shifts"
            raise

    @DRAFTS.verb(_("Propose it once more, from what is known now"), NothingBody, {})
    def anew(self, draft: RosterDraft, data: dict[str, Any], **who: Any) -> RosterDraft:
        return actions.draft_anew(draft, **who)

    @DRAFTS.verb(_("Publish a draft: it becomes the plan of its days"), PublishBody, {"even_so": True})
    def publish(self, draft: RosterDraft, data: dict[str, Any], **who: Any) -> RosterDraft:
        return actions.publish_draft(draft, even_so=data["even_so"], **who)

    @DRAFTS.verb(_("Throw a draft away"), NothingBody, {})
    def discard(self, draft: RosterDraft, data: dict[str, Any], **who: Any) -> RosterDraft:
        actions.discard_draft(draft, **who)
        return draft

    @extend_schema(
        operation_id="drafts_slot",
        summary=_("One duty of a draft: who could take it, and what stands against the others"),
        tags=["roster"],
        parameters=[DRAFTS.at, BY_SLOT],
        responses=SlotWholeSerializer,
    )
    @action(detail=True, methods=["get"], url_path=SLOT)
    def slot(self, request: Request, draft: str, slot: str) -> Response:
        return self._shown_slot(self._slot())

    @extend_schema(
        operation_id="drafts_give",
        summary=_("Give a duty of a draft to somebody else, or to nobody"),
        tags=["roster"],
        parameters=[DRAFTS.at, BY_SLOT, KEY],
        request=GiveBody,
        responses=SlotWholeSerializer,
        examples=[OpenApiExample("give", value={"person": None}, request_only=True)],
    )
    @action(detail=True, methods=["post"], url_path=f"{SLOT}/give")
    def give(self, request: Request, draft: str, slot: str) -> Response:
        def give(data: dict[str, Any], **who: Any) -> DraftSlot:
            name = data["person"]
            person = None if name is None else person_named(name, "person", seen_by=request.user)
            return actions.give_duty(self._slot(), person, **who)

        return self.do(give, GiveBody, self._shown_slot)

    def rows(self) -> QuerySet[RosterDraft]:
        return RosterDraft.objects.visible_to(self.request.user).select_related("group", "made_by")

    def shown_whole(self, found: RosterDraft) -> Any:
        stands = drafted(found, now=timezone.now())
        facts = DraftSerializer(found, context=self.shown_to).data
        return facts | DraftedSerializer(stands, context=self.shown_to).data

    def _slot(self) -> DraftSlot:
        found = DraftSlot.objects.filter(draft__in=self.rows(), draft=int(self.kwargs["draft"]))
        return get_object_or_404(found.select_related("draft__group"), pk=int(self.kwargs["slot"]))

    def _shown_slot(self, slot: DraftSlot) -> Response:
        stands = drafted(slot.draft, now=timezone.now())
        slot = next(one for one in stands.slots if one.pk == slot.pk)
        shown = DraftSlotSerializer(slot, context=self.shown_to).data
        candidates = CandidateSerializer(stands.candidates(slot), many=True, context=self.shown_to).data
        return Response(shown | {"candidates": candidates})
