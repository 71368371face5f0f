"""A roster's file: chosen, and then confirmed as it was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from duty.actions import Placed
from duty.models import DutyRole
from duty.rosterfile import MOST_BYTES
from staff.models import Group, User

SALT = "duty.roster.file"
HOLDS_FOR = 24 * 3600  # seconds between looking at a file and confirming it


class ImportForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    file = forms.FileField(
        label=_("Excel file"), widget=forms.FileInput(attrs={"accept": ".xlsx"}), help_text=_("At most 1 MB.")
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is None or file.size > MOST_BYTES:
            raise forms.ValidationError(_("This file is too large."))
        return file


class ConfirmForm(forms.Form):
    """What was read of a file, carried by the page that shows it, and looked at again when it comes back."""

    name = forms.CharField(max_length=60, widget=forms.HiddenInput)
    read = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, group: Group, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group

    @staticmethod
    def carried(placed: Sequence[Placed], group: Group) -> str:
        rows = [
            [one.user.pk, one.role.value, one.starts_at.isoformat(), one.ends_at.isoformat(), one.field]
            for one in placed
        ]
        return signing.dumps([group.pk, rows], salt=SALT, compress=True)

    def clean_read(self) -> list[Placed]:
        too_late = forms.ValidationError(_("Choose the file once more: it was looked at too long ago."))
        try:
            group, rows = signing.loads(self.cleaned_data["read"], salt=SALT, max_age=HOLDS_FOR)
        except signing.BadSignature:
            raise too_late from None
        people = User.objects.in_bulk([row[0] for row in rows])
        if group != self.group.pk or not all(row[0] in people for row in rows):
            raise too_late
        return [
            Placed(
                people[person],
                DutyRole(role),
                datetime.fromisoformat(starts_at),
                datetime.fromisoformat(ends_at),
                field=cell,
            )
            for person, role, starts_at, ends_at, cell in rows
        ]
