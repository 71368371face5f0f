"""What is typed about campaigns, and about how answers came in."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clients.models import Client, ClientType, System
from duty.forms.fields import INSTANT, day, instant
from staff.filefield import FilesField
from staff.models import Group, Role, User
from surveys.actions import Share, Terms, usual_sampling
from surveys.models import ASKED_BY, KEYED, Campaign, CampaignKind, QuestionnaireVersion
from tickets.models import Grade

NUMBERS = ("cooldown_days", "delay_hours", "next_way_days", "close_days", "token_days")
RULE = re.compile(r"(?P<grade>[123]|-)\s*(?:[:/]\s*(?P<type>[-\w]+))?\s*=\s*(?P<percent>\d{1,3})\s*%?")
DEFAULT = _("Default, not from the process document.")


def ways(names: Any) -> list[tuple[str, str]]:
    return [(way.value, way.label) for way in names]


class CampaignForm(forms.ModelForm):
    """A campaign. The ways are chosen in their order: first, second, third."""

    first = forms.ChoiceField(label=_("First way"), choices=lambda: ways(ASKED_BY))
    second = forms.ChoiceField(
        label=_("Second way"), choices=lambda: [("", "–"), *ways(ASKED_BY)], required=False
    )
    third = forms.ChoiceField(
        label=_("Third way"), choices=lambda: [("", "–"), *ways(ASKED_BY)], required=False
    )
    opens_on = day(_("From"), _("Empty: at once."))
    closes_on = day(_("To (inclusive)"), _("Empty: without end."))
    reminder_days = forms.CharField(
        label=_("Days of reminders"),
        required=False,
        help_text=_("For example 3, 7. Default, not from the process document."),
    )
    rules = forms.CharField(
        label=_("How many closed records are asked about"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "One a line: grade = per cent, or grade/client type = per cent; - is what is no fault. "
            "Default, not from the process document."
        ),
    )

    class Meta:
        model = Campaign
        fields = [
            "name",
            "name_en",
            "kind",
            "version",
            "group",
            "opens_on",
            "closes_on",
            "types",
            "systems",
            "clients",
            *NUMBERS,
            "is_double_keyed",
        ]
        help_texts = dict.fromkeys(NUMBERS, DEFAULT) | {
            "types": _("None chosen: all of them."),
            "systems": _("None chosen: all of them."),
            "clients": _("None chosen: all of them."),
            "is_double_keyed": _(
                "By two people; where they differ somebody settles it with the paper in hand."
            ),
        }

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = (
            QuestionnaireVersion.objects.filter(published_at__isnull=False, questionnaire__retired_at=None)
            .order_by("questionnaire_id", "-number")
            .distinct("questionnaire_id")
        )
        offered = Q(pk__in=newest.values("pk")) | Q(pk=self.instance.version_id)
        versions = QuestionnaireVersion.objects.filter(offered).select_related("questionnaire")
        self.fields["version"].queryset = versions
        self.fields["version"].label_from_instance = lambda one: f"{one.questionnaire.label} v{one.number}"
        for name in ("opens_on", "closes_on"):
            self.fields[name].required = False
        groups, group = Group.objects.all(), self.fields["group"]
        if by.role == Role.SUPERVISOR:
            groups = groups.filter(pk=by.group_id)
            group.required, group.empty_label = True, None
        else:
            group.empty_label = _("the whole company")
        group.queryset = groups
        clients = Client.objects.visible_to(by).active().order_by("code")
        self.fields["clients"].queryset = clients
        systems = System.objects.visible_to(by).filter(is_active=True, client__is_active=True)
        self.fields["systems"].queryset = systems.select_related("client").order_by("client__code", "pk")
        self.fields["systems"].label_from_instance = lambda one: f"{one.client.label} · {one.label}"
        for name in ("types", "systems", "clients"):
            self.fields[name].widget.attrs["size"] = 5
        self._begin()

    def _begin(self) -> None:
        campaign = self.instance
        self.initial.setdefault("reminder_days", ", ".join(str(one) for one in campaign.reminder_days))
        for name, way in zip(("first", "second", "third"), campaign.channels, strict=False):
            self.initial.setdefault(name, way)
        if campaign.pk:
            rules = [
                rule_line(one.grade, one.type.code if one.type else None, one.percent)
                for one in campaign.rules.select_related("type")
            ]
        else:
            rules = [rule_line(one["grade"], one.get("type"), one["percent"]) for one in usual_sampling()]
        self.initial.setdefault("rules", "\n".join(rules))

    def clean_reminder_days(self) -> list[int]:
        text = self.cleaned_data["reminder_days"].replace(",", " ").replace("\uff0c", " ")
        words = text.split()
        if not all(word.isascii() and word.isdecimal() and len(word) < 4 for word in words):
            raise forms.ValidationError(_("Write days as numbers: 3, 7."))
        return sorted({int(word) for word in words})

    def clean_rules(self) -> list[Share]:
        types = {one.code: one for one in ClientType.objects.all()}
        found = []
        for number, line in enumerate(self.cleaned_data["rules"].splitlines(), start=1):
            if not line.strip():
                continue
            read = RULE.fullmatch(line.strip())
            if read is None or (read["type"] and read["type"] not in types):
                message = _("Line %(number)s cannot be read, or names no client type.")
                raise forms.ValidationError(message % {"number": number})
            level = None if read["grade"] == "-" else Grade(int(read["grade"]))
            found.append(Share(int(read["percent"]), level, types[read["type"]] if read["type"] else None))
        return found

    def validate_constraints(self) -> None:
        """Leave it to the action, which names the field."""

    def terms(self) -> Terms:
        facts = {name: self.cleaned_data[name] for name in self.Meta.fields}
        channels = [self.cleaned_data[name] for name in ("first", "second", "third")]
        facts |= {
            "kind": CampaignKind(facts["kind"]),
            "channels": [way for way in channels if way],
            "reminder_days": self.cleaned_data["reminder_days"],
            "rules": self.cleaned_data["rules"] if facts["kind"] == CampaignKind.AFTER_TICKET else (),
            "types": list(facts["types"]),
            "systems": list(facts["systems"]),
            "clients": list(facts["clients"]),
        }
        return Terms(**facts)


def rule_line(grade: int | None, type_code: str | None, percent: int) -> str:
    return f"{grade or '-'}{f'/{type_code}' if type_code else ''} = {percent}"


class SourceForm(forms.Form):
    """How answers came in, who asked, what proves it."""

    channel = forms.ChoiceField(label=_("Came by"), choices=lambda: ways(KEYED))
    given_at = instant(_("Answered at"))
    collected_by = forms.ModelChoiceField(
        label=_("Asked by"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("not asked: on paper"),
    )
    evidence = forms.CharField(
        label=pgettext_lazy("survey", "Evidence"),
        max_length=300,
        required=False,
        help_text=_("Who answered, on which number; or where the paper lies."),
    )
    files = FilesField(label=_("Scan of the paper"), help_text=_("Of a letter or fax always."))

    def __init__(self, *args: Any, by: User, channel: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["collected_by"].queryset = User.objects.visible_to(by).filter(is_active=True)
        if channel:
            self.initial["channel"] = channel
        now = timezone.localtime()
        self.initial.setdefault("given_at", now.strftime(INSTANT))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=300)
