"""Files in forms: how several are chosen at once, and how what was sent becomes what the verbs take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from staff.files import KINDS, FilesRefused, Upload
from staff.refused import Refused


class FilesInput(forms.FileInput):
    """Chooses several files. What kinds and sizes there may be stands on it, for the page's own script."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        return files.getlist(name) if hasattr(files, "getlist") else []

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        bounds = {
            "accept": ",".join(f".{extension}" for extension in KINDS),
            "data-most-bytes": settings.ATTACHMENT_MAX_BYTES,
            "data-most-files": settings.ATTACHMENTS_AT_ONCE,
            "data-most": filesizeformat(settings.ATTACHMENT_MAX_BYTES),
        }
        return super().get_context(name, None, bounds | (attrs or {}))


class FilesField(forms.FileField):
    """Any number of files; clean value is a list of uploads. What they are is looked at by the verb."""

    widget = FilesInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": _("Files"), "required": False, "allow_empty_file": True} | kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        return uploads(data or [])


def uploads(files: Iterable[UploadedFile]) -> list[Upload]:
    """What was sent with a request, as the verbs take it."""
    return [Upload(file.name or "", file.file, file.content_type or "") for file in files]


def messages_of(refused: Refused) -> list[str]:
    """What a refusal says: of several files one sentence each."""
    if isinstance(refused, FilesRefused):
        return [str(fault) for _place, fault in refused.faults]
    return [str(refused)]
