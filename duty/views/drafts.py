"""Drafts of a roster: asked for, looked at, changed by hand, published; and one's wishes for days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duty import actions
from duty.drafting import Candidate, explain
from duty.eligibility import obstacle
from duty.fairness import Holders, Kind, Period, Standing, duties_of, fairness_table, published, unmet_wishes
from duty.forms import DraftForm, GiveForm, PublishForm, WishForm
from duty.models import DayKind, DraftSlot, DutyRole, RosterDraft, Rotation
from duty.periods import holders_of, period_of
from duty.reasons import reason_of
from duty.views.groups import group_led
from duty.views.month import LETTERS, Column, columns_of
from duty.views.steps import pressed, typed_in
from staff.forms import show_refusal
from staff.models import Group, User
from staff.refused import Refused
from staff.views.access import house_only

MINE = "duty:mine"
KIND_LABELS = {
    Kind.WORKDAY: DayKind.WORKDAY.label,
    Kind.WEEKEND: DayKind.WEEKEND.label,
    Kind.HOLIDAY: DayKind.STATUTORY.label,
}


@dataclass(frozen=True, slots=True)
class Line:
    """A person's line of the fairness table, before and after."""

    person: User
    before: Standing
    after: Standing

    @property
    def kinds(self) -> list[tuple[int, int]]:
        """Of each kind of day: how many duties before, and how many now."""
        return [(self.before.kinds[kind].count, self.after.kinds[kind].count) for kind in Kind]


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, code: str) -> HttpResponse:
    """What a draft is to cover, and who takes which duty."""
    group, now = group_led(code, request.user), timezone.now()
    form = DraftForm(request.POST or None, group=group, initial=_usual(group, now))
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.make_draft(group, form.wanted(), by=request.user, now=now)
        except Refused as refused:
            show_refusal(form, refused)
        else:
            return redirect("duty:draft", made.pk)
    context = {"form": form, "group": group, "roles": DutyRole}
    return render(request, "duty/draft_form.html", context, status=422 if form.errors else 200)


def _usual(group: Group, now: datetime) -> dict[str, object]:
    """Next month, the shift of the base rotation, and whoever takes a duty in turn now."""
    first = (timezone.localdate(now).replace(day=1) + timedelta(days=32)).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    rotations = list(Rotation.objects.unfinished(now).filter(group=group).prefetch_related("places"))
    base = next((one for one in rotations if one.role == DutyRole.PRIMARY and not one.priority), None)
    takers: dict[int, list[str]] = defaultdict(list)
    for rotation in rotations:
        for place in rotation.places.all():
            if rotation.role not in takers[place.user_id]:
                takers[place.user_id].append(rotation.role)
    facts: dict[str, object] = {
        "name": f"{first:%Y-%m}",
        "first_day": first,
        "last_day": last,
        "starts": base.starts if base else "08:30",
        "ends": base.ends if base else "08:30",
    }
    return facts | dict(DraftForm.usual(takers))


@house_only
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _draft(request, pk)
    return render(request, "duty/draft.html", _board(draft) | {"form": PublishForm()})


def _draft(request: HttpRequest, pk: int) -> RosterDraft:
    seen = RosterDraft.objects.visible_to(request.user).select_related("group", "made_by")
    return get_object_or_404(seen, pk=pk)


def _board(draft: RosterDraft) -> dict[str, object]:
    """People × days with the duties of a draft, what nobody can take and why, and how fair it is."""
    slots = list(draft.slots.select_related("user", "proposed"))
    people = [member.user for member in draft.members.select_related("user").order_by("user__name", "user")]
    period = period_of(draft, slots, now=timezone.now())
    holders = holders_of(period, slots)
    span = (draft.last_day - draft.first_day).days + 1
    days = [draft.first_day + timedelta(days=number) for number in range(span)]
    columns = columns_of(days, [], timezone.localdate())
    return {
        "draft": draft,
        "group": draft.group,
        "columns": columns,
        "rows": [(person, _cells(columns, slots, person.pk)) for person in people],
        "nobody": _cells(columns, slots, None),
        "unfilled": _stand(period, holders, [slot for slot in slots if slot.user_id is None], people),
        "lines": _lines(period, holders, people),
        "kinds": [(kind, KIND_LABELS[kind]) for kind in Kind],
        "roles": [(role, letter) for role, letter in LETTERS.items()],
        "unmet": unmet_wishes(period, holders),
        "wishes": sum(len(person.desired) + len(person.undesired) for person in period.people),
        "changed": sum(slot.is_changed for slot in slots),
    }


def _cells(
    columns: Sequence[Column], slots: Sequence[DraftSlot], person: int | None
) -> list[tuple[Column, list[DraftSlot]]]:
    own: dict[date, list[DraftSlot]] = defaultdict(list)
    for slot in slots:
        if slot.user_id == person:
            own[slot.day].append(slot)
    return [(column, own[column.date]) for column in columns]


def _stand(
    period: Period, holders: Holders, unfilled: Sequence[DraftSlot], people: Sequence[User]
) -> list[tuple[DraftSlot, list[tuple[User, str]]]]:
    """Each duty that nobody has, with what stands against everybody who takes such duties."""
    duties, slots = duties_of(period, holders), {slot.key: slot for slot in period.slots}
    members = {int(member.key): member for member in period.people}
    found = []
    for empty in unfilled:
        wanted, reasons = slots[str(empty.pk)], []
        for person in people:
            member = members[person.pk]
            stands = obstacle(member, wanted, duties[member.key])
            if stands is not None and wanted.role in member.roles:
                reasons.append((person, reason_of(stands, period)))
        found.append((empty, reasons))
    return found


def _lines(period: Period, holders: Holders, people: Sequence[User]) -> list[Line]:
    names = {str(person.pk): person for person in people}
    before = {one.person: one for one in fairness_table(period, published(period))}
    after = fairness_table(period, holders)
    ordered = sorted(after, key=lambda one: names[one.person].name)
    return [Line(names[one.person], before[one.person], one) for one in ordered]


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def slot(request: HttpRequest, pk: int, slot: int) -> HttpResponse:
    """One duty of a draft: who could take it, at what cost, and what stands against the others."""
    draft = _draft(request, pk)
    found = get_object_or_404(
        DraftSlot.objects.select_related("draft__group", "user", "proposed"), draft=draft, pk=slot
    )
    form = GiveForm(request.POST or None, people=User.objects.filter(pk__in=draft.members.values("user")))
    back = reverse("duty:draft", args=[draft.pk])
    answer = typed_in(
        request,
        form,
        lambda: actions.give_duty(found, form.cleaned_data["user"], by=request.user, now=timezone.now()),
        said=_("Given. The table of fairness is up to date."),
        back=back,
    )
    if answer:
        return answer
    context = {
        "draft": draft,
        "group": draft.group,
        "slot": found,
        "form": form,
        "candidates": _candidates(draft, found),
    }
    return render(request, "duty/draft_slot.html", context, status=422 if form.errors else 200)


def _candidates(draft: RosterDraft, wanted: DraftSlot) -> list[tuple[User, Candidate, str]]:
    slots = list(draft.slots.all())
    period = period_of(draft, slots, now=timezone.now())
    people = {str(member.user_id): member.user for member in draft.members.select_related("user")}
    about = next(one for one in period.slots if one.key == str(wanted.pk))
    return [
        (people[one.person], one, reason_of(one.obstacle, period) if one.obstacle else "")
        for one in explain(period, holders_of(period, slots), about)
        if about.role in next(person.roles for person in period.people if person.key == one.person)
    ]


@house_only
@require_POST
def anew(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _draft(request, pk)
    return pressed(
        request,
        lambda: actions.draft_anew(draft, by=request.user, now=timezone.now()),
        said=_("Proposed anew; what was given by hand is gone."),
        back=reverse("duty:draft", args=[draft.pk]),
    )


@house_only
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    draft, form = _draft(request, pk), PublishForm(request.POST)
    answer = typed_in(
        request,
        form,
        lambda: actions.publish_draft(
            draft, even_so=form.cleaned_data["even_so"], by=request.user, now=timezone.now()
        ),
        said=_("Published: these days are planned."),
        back=reverse("duty:month", args=[draft.group.code, draft.first_day.year, draft.first_day.month]),
    )
    return answer or render(request, "duty/draft.html", _board(draft) | {"form": form}, status=422)


@house_only
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _draft(request, pk)
    return pressed(
        request,
        lambda: actions.discard_draft(draft, by=request.user, now=timezone.now()),
        said=_("The draft is thrown away."),
        back=reverse("duty:plan", args=[draft.group.code]),
    )


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def wish(request: HttpRequest) -> HttpResponse:
    """Say whether I would like to be on duty on a day, or rather not."""
    form, today = WishForm(request.POST or None), timezone.localdate()
    answer = typed_in(
        request,
        form,
        lambda: actions.wish_for(**form.cleaned_data, by=request.user, today=today),
        said=_("Noted. The next draft of the roster takes it into account."),
        back=reverse(MINE),
    )
    return answer or render(
        request, "duty/wish_form.html", {"form": form}, status=422 if form.errors else 200
    )


@house_only
@require_POST
def unwish(request: HttpRequest, day: str) -> HttpResponse:
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    return pressed(
        request,
        lambda: actions.wish_for(wanted, None, by=request.user, today=timezone.localdate()),
        said=_("Taken back."),
        back=reverse(MINE),
    )
