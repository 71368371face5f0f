"""What people type in about a change, one form a step. Clean values are named as the step takes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Channel, Client, Contact, System
from staff.models import User
from tickets.actions import Draft, PlanText
from tickets.changes import USUAL_LENGTH, Outcome, Step
from tickets.forms import lines
from tickets.models import Change, ChangeDocument, Risk, WorkType
from tickets.models.works import LONGEST
from tickets.remoteforms import EvidenceFields, instant

EMPTY = ("", "—")


def _words(label: object, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST, widget=lines(rows), **more)


class PlanFields(forms.Form):
    """The plan's texts. A draft need not be whole; what is missing is said when it is submitted."""

    plan = _words(_("Steps of the plan"), 6, required=False)
    impact = _words(_("What is affected"), 2, required=False)
    rollback = _words(
        _("Rollback plan"),
        4,
        required=False,
        help_text=_(
            "How to get back, how long that takes, and by when it is decided. Without it nothing starts."
        ),
    )
    checks = _words(_("How success is checked"), 2, required=False)
    risk = forms.ChoiceField(label=_("Risk"), choices=Risk.choices, initial=Risk.MEDIUM)

    def text(self) -> PlanText:
        """What the plan says; call after validation."""
        names = ("plan", "impact", "rollback", "checks", "risk")
        return PlanText(**{name: self.cleaned_data[name] for name in names})


class PlanForm(PlanFields):
    def step(self) -> dict[str, Any]:
        return {"text": self.text()}


class ClientForm(forms.Form):
    """For whom: the rest of a new change is asked when this is known."""

    client = forms.ModelChoiceField(label=_("Client"), queryset=Client.objects.none(), empty_label="—")

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        clients = Client.objects.visible_to(user).filter(is_active=True)
        own = clients if user.sees_everything else clients.filter(group=user.group_id)
        self.fields["client"].queryset = own.order_by("name", "pk")  # type: ignore[attr-defined]


class DraftForm(PlanFields):
    """A new change of a client that is known."""

    type = forms.ModelChoiceField(
        label=_("Work type"), queryset=WorkType.objects.filter(is_active=True), empty_label="—"
    )
    title = forms.CharField(label=_("What is changed"), max_length=200)
    system = forms.ModelChoiceField(
        label=_("System"), queryset=System.objects.none(), required=False, empty_label="—"
    )
    contact = forms.ModelChoiceField(
        label=_("Contact at the client"), queryset=Contact.objects.none(), required=False, empty_label="—"
    )
    owner = forms.ModelChoiceField(
        label=_("Who carries it out"), queryset=User.objects.none(), required=False, empty_label=_("I do")
    )
    details = _words(_("Why, and what for"), 2, required=False)

    field_order = ["type", "title", "system", "contact", "owner", "details"]

    def __init__(self, *args: Any, client: Client, **more: Any) -> None:
        super().__init__(*args, **more)
        self.client = client
        choices = {
            "system": client.systems.filter(is_active=True),
            "contact": client.contacts.filter(is_active=True),
            "owner": _people(client.group_id),
        }
        for name, rows in choices.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def draft(self) -> Draft:
        """What is planned; call after validation."""
        names = ("type", "title", "system", "contact", "owner", "details")
        data = {name: self.cleaned_data[name] for name in names}
        return Draft(client=self.client, text=self.text(), **data)


class NothingForm(forms.Form):
    """Nothing to type: what is missing is said at its part of the page."""


class ApproveForm(forms.Form):
    note = _words(_("Note"), 2, required=False)


class ReasonForm(forms.Form):
    reason = _words(_("Reason"), 2)


class ClientConfirmsForm(EvidenceFields):
    client_by = forms.CharField(label=_("Who at the client"), max_length=120)
    client_how = forms.ChoiceField(
        label=_("How"), choices=[EMPTY, *[each for each in Channel.choices if each[0] != "api"]]
    )

    field_order = ["client_by", "client_how", "attached", "file"]

    def step(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"client_by": data["client_by"], "client_how": data["client_how"], "file": self.evidence()}


class ScheduleForm(forms.Form):
    window_from = instant(_("From"))
    window_to = instant(_("To"))


class StartForm(forms.Form):
    overrule = _words(
        _("Why outside the window"),
        2,
        required=False,
        help_text=_("Needed outside the window alone; then a supervisor begins."),
    )


class FinishForm(forms.Form):
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices, widget=forms.RadioSelect)
    result = _words(_("What was done"), 4)


class ReviewForm(forms.Form):
    review = _words(
        _("Review"), help_text=_("What went well, what did not, what follows. The client is asked next.")
    )


class PaperFields(forms.Form):
    """Which required document."""

    paper = forms.TypedChoiceField(label=_("Document"), coerce=int)

    def offer(self, papers: Sequence[ChangeDocument]) -> None:
        self.fields["paper"].choices = [  # type: ignore[attr-defined]
            (paper.pk, f"{paper.get_step_display()} · {paper.label}")
            for paper in sorted(papers, key=lambda one: (one.is_settled, one.pk))
        ]


class FileForm(PaperFields, EvidenceFields):
    field_order = ["paper", "attached", "file"]

    def step(self) -> dict[str, Any]:
        return {"paper": self.cleaned_data["paper"], "file": self.evidence()}


class WaiveForm(PaperFields):
    reason = forms.CharField(label=_("Why it is not needed"), max_length=1000, widget=lines(2))


FORMS: dict[Step, type[forms.Form]] = {
    Step.PLAN: PlanForm,
    Step.SUBMIT: NothingForm,
    Step.APPROVE: ApproveForm,
    Step.REJECT: ReasonForm,
    Step.CLIENT: ClientConfirmsForm,
    Step.SCHEDULE: ScheduleForm,
    Step.START: StartForm,
    Step.FINISH: FinishForm,
    Step.REVIEW: ReviewForm,
    Step.WITHDRAW: ReasonForm,
    Step.FILE: FileForm,
    Step.WAIVE: WaiveForm,
}


def form_of(
    step: Step,
    change: Change,
    papers: Sequence[ChangeDocument],
    data: Any = None,
    files: Any = None,
    *,
    now: datetime,
) -> forms.Form:
    """The form of a step, with what is known already or proposed; `papers` are the change's documents."""
    opens = change.window_from or now + timedelta(days=change.type.lead_days)
    opens = opens if change.window_from else timezone.localtime(opens).replace(hour=22, minute=0)
    initial: dict[str, Any] = {
        **{name: getattr(change, name) for name in ("plan", "impact", "rollback", "checks", "risk")},
        "window_from": timezone.localtime(opens),
        "window_to": timezone.localtime(change.window_to or opens + USUAL_LENGTH),
        "client_by": change.ticket.contact.name if change.ticket.contact else "",
    }
    more = {"ticket": change.ticket} if issubclass(FORMS[step], EvidenceFields) else {}
    form = FORMS[step](data, files, initial=initial, prefix=step.value, **more)
    if isinstance(form, PaperFields):
        form.offer(papers)
    return form


def _people(group: int) -> Any:
    people = User.objects.working().order_by("name", "pk")
    return people.filter(group=group) | people.filter(group=None)
