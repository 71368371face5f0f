"""Drafts of a roster: asked for, looked at, changed by hand, published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duty import actions
from duty.drafted import drafted
from duty.fairness import Kind
from duty.forms import TIMES, DraftForm, GiveForm, PublishForm
from duty.models import DayKind, DraftSlot, DutyRole, RosterDraft, Rotation, ShiftSource
from duty.views.groups import group_led
from duty.views.month import LETTERS, Column, columns_of
from duty.views.steps import press, to_plan, typed_in
from staff.forms import show_refusal
from staff.models import Group, User
from staff.refused import Refused
from staff.views.access import house_only

KIND_LABELS = {
    Kind.WORKDAY: DayKind.WORKDAY.label,
    Kind.WEEKEND: DayKind.WEEKEND.label,
    Kind.HOLIDAY: DayKind.STATUTORY.label,
    Kind.NIGHT: _("Nights"),
}
# What the form opens with: so many shifts a day as it has room for, or one of a whole day.
MOST_SHIFTS = len(TIMES) // 2
ROUND_THE_CLOCK = time(8, 30), time(8, 30)


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
    context = {"form": form, "group": group, "roles": DutyRole, "times": TIMES.values()}
    return render(request, "duty/draft_form.html", context, status=422 if form.errors else 200)


def _usual(group: Group, now: datetime) -> dict[str, object]:
    """Next month, the shifts of the base rotations, and whoever takes a duty in turn now."""
    first = (timezone.localdate(now).replace(day=1) + timedelta(days=32)).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    rotations = list(Rotation.objects.unfinished(now).filter(group=group).prefetch_related("places"))
    shifts: dict[str, list[tuple[time, time]]] = {role.value: [] for role in DutyRole}
    takers: dict[int, list[str]] = defaultdict(list)
    for rotation in rotations:
        shift = rotation.starts, rotation.ends
        if rotation.source == ShiftSource.ROTATION and shift not in shifts[rotation.role]:
            shifts[rotation.role].append(shift)
        for place in rotation.places.all():
            if rotation.role not in takers[place.user_id]:
                takers[place.user_id].append(rotation.role)
    facts: dict[str, object] = {
        "name": f"{first:%Y-%m}",
        "first_day": first,
        "last_day": last,
    }
    usual = {role: sorted(own)[:MOST_SHIFTS] or [ROUND_THE_CLOCK] for role, own in shifts.items()}
    return facts | DraftForm.usual(takers, usual)


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
    stands = drafted(draft, now=timezone.now())
    span = (draft.last_day - draft.first_day).days + 1
    days = [draft.first_day + timedelta(days=number) for number in range(span)]
    columns = columns_of(days, [], timezone.localdate())
    return {
        "draft": draft,
        "group": draft.group,
        "columns": columns,
        "rows": [(person, _cells(columns, stands.slots, person.pk)) for person in stands.people],
        "nobody": _cells(columns, stands.slots, None),
        "unfilled": stands.unfilled(),
        "lines": stands.lines(),
        "kinds": [(kind, KIND_LABELS[kind]) for kind in stands.kinds],
        "has_nights": Kind.NIGHT in stands.kinds,
        "roles": [(role, letter) for role, letter in LETTERS.items()],
        "unmet": stands.unmet,
        "wishes": stands.wishes,
        "changed": sum(slot.is_changed for slot in stands.slots),
    }


def _cells(
    columns: Sequence[Column], slots: Sequence[DraftSlot], person: int | None
) -> list[tuple[Column, list[DraftSlot]]]:
    own: dict[date, list[DraftSlot]] = defaultdict(list)
    for slot in slots:
        if slot.user_id == person:
            own[slot.day].append(slot)
    return [(column, own[column.date]) for column in columns]


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
        "candidates": drafted(draft, now=timezone.now()).candidates(found),
    }
    return render(request, "duty/draft_slot.html", context, status=422 if form.errors else 200)


def _to_draft(draft: RosterDraft, _user: User) -> str:
    return reverse("duty:draft", args=[draft.pk])


anew = press(
    _draft,
    actions.draft_anew,
    said=_("Proposed anew; what was given by hand is gone."),
    back=_to_draft,
)
discard = press(_draft, actions.discard_draft, said=_("The draft is thrown away."), back=to_plan)


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
