"""What people type in on the ladder of service: the next way, a meeting, its verdict, a word by phone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Channel
from tickets.coordination import LADDER, outcomes_for
from tickets.forms import PERSONAL_CHANNELS, VerbForm, lines, tooled
from tickets.models import Outcome, TextKind, Ticket, Way


class StepUpForm(VerbForm):
    """Every way but the one in which the record is served already; `ticket` is annotated (`with_ladder`)."""

    way = forms.TypedChoiceField(label=_("How it is served from now on"), coerce=Way)
    reason = forms.CharField(
        label=_("Why the way before does not do"),
        help_text=_("Also where a rung of the ladder is left out."),
        max_length=2000,
        widget=lines(2),
    )

    def __init__(self, *args: Any, ticket: Ticket, **more: Any) -> None:
        super().__init__(*args, **more)
        now = getattr(ticket, "way", None) or Way.GUIDANCE
        ways = [way for way in LADDER if way != now]
        self.fields["way"].choices = [(way.value, way.label) for way in ways]
        higher = [way for way in ways if LADDER.index(way) > LADDER.index(Way(now))]
        self.fields["way"].initial = higher[0] if higher else ways[-1]


class ConveneForm(VerbForm):
    reason = forms.CharField(
        label=_("Why the group cannot solve it"),
        help_text=_(
            "The technical lead, the supervisor, the specialists on duty and the owner are told at once; "
            "mention others with @."
        ),
        max_length=2000,
        widget=tooled(3, TextKind.NOTE, mentions=True),
    )
    place = forms.CharField(label=_("Room or link"), max_length=200, required=False)


class DecideForm(VerbForm):
    """The verdicts that a fault of this grade may have (§5.4.1.2)."""

    outcome = forms.TypedChoiceField(label=_("Verdict"), coerce=Outcome, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=tooled(3, TextKind.NOTE))

    def __init__(self, *args: Any, ticket: Ticket, **more: Any) -> None:
        super().__init__(*args, **more)
        outcomes = outcomes_for(ticket.grade)
        self.fields["outcome"].choices = [(outcome.value, outcome.label) for outcome in outcomes]
        if not getattr(ticket, "in_meeting", False):
            self.fields["reason"].label = _("Why the verdict changes")


class TellClientForm(VerbForm):
    text = forms.CharField(label=_("What he was told"), max_length=10_000, widget=tooled(3, TextKind.MESSAGE))
    told = forms.CharField(label=_("Who was told"), max_length=120)
    how = forms.ChoiceField(label=_("How"), choices=PERSONAL_CHANNELS, initial=Channel.PHONE)


LADDER_FORMS: dict[str, type[forms.Form]] = {
    "tell_client": TellClientForm,
    "step_up": StepUpForm,
    "convene": ConveneForm,
    "decide": DecideForm,
}
