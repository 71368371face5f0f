"""The attendance sheet, and the files of a callback."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Contact
from duty.forms.fields import instant
from staff.filefield import FilesField
from staff.models import User
from visits.actions import Present
from visits.forms.fields import lines, people_of
from visits.kinds import FileKind, Side
from visits.models import Attendance, Callback


class AttendanceForm(forms.Form):
    place = forms.CharField(label=_("Place"), max_length=200)
    began_at = instant(_("From"))
    ended_at = instant(_("To"))
    ours = forms.ModelMultipleChoiceField(
        label=_("From us"), queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple, required=False
    )
    theirs = forms.ModelMultipleChoiceField(
        label=_("From the client"),
        queryset=Contact.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    others = forms.CharField(
        label=_("Others from the client"),
        max_length=2000,
        required=False,
        widget=lines(2),
        help_text=_("One a line: name, position."),
    )

    def __init__(self, data: Any = None, *, callback: Callback) -> None:
        sheet = Attendance.objects.filter(callback=callback).first()
        super().__init__(data, initial=_initial(callback, sheet))
        fields: Any = self.fields
        fields["ours"].queryset = people_of(callback.group_id)
        fields["theirs"].queryset = Contact.objects.filter(client=callback.client_id, is_active=True)

    def people(self) -> list[Present]:
        others = [line.strip() for line in self.cleaned_data["others"].splitlines() if line.strip()]
        return [
            *(Present(Side.OURS, user=user) for user in self.cleaned_data["ours"]),
            *(
                Present(Side.THEIRS, name=contact.name, job_title=contact.job_title, contact=contact)
                for contact in self.cleaned_data["theirs"]
            ),
            *(_other(line) for line in others),
        ]


class FilesForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[choice for choice in FileKind.choices if choice[0] != FileKind.SIGNATURE],
        initial=FileKind.PHOTO,
    )
    files = FilesField(required=True)


def _other(line: str) -> Present:
    name, _comma, title = line.replace("\uff0c", ",").partition(",")
    return Present(Side.THEIRS, name=name.strip()[:120], job_title=title.strip()[:80])


def _initial(callback: Callback, sheet: Attendance | None) -> dict[str, Any]:
    if sheet is None:
        ours = [callback.person_id] if callback.person_id else []
        theirs = [callback.contact_id] if callback.contact_id else []
        return {
            "place": callback.client.address,
            "began_at": callback.due_at,
            "ours": ours,
            "theirs": theirs,
        }
    people = list(sheet.people.all())
    others = [one for one in people if one.side == Side.THEIRS and one.contact_id is None]
    return {
        "place": sheet.place,
        "began_at": sheet.began_at,
        "ended_at": sheet.ended_at,
        "ours": [one.user_id for one in people if one.user_id],
        "theirs": [one.contact_id for one in people if one.contact_id],
        "others": "\n".join(f"{one.name}, {one.job_title}".rstrip(", ") for one in others),
    }
