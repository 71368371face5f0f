"""Meetings found for a reader, with all that their pages say."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from meetings.drawing import with_weeks
from meetings.models import Meeting


def meeting_seen(request: HttpRequest, pk: int) -> Meeting:
    rows = with_weeks(Meeting.objects.visible_to(request.user).with_names())
    return get_object_or_404(rows, pk=pk)
