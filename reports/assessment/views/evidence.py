"""Files that show why a bonus or penalty was entered: for whoever may read the assessment, nobody else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from reports.assessment.views.base import seen
from reports.models import AssessmentFile
from staff.views.access import house_only
from staff.views.files import given_out


@house_only
@require_safe
def evidence(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    found = seen(request.user, pk)  # type: ignore[arg-type]
    return given_out(request, get_object_or_404(AssessmentFile, pk=file, item__assessment=found))
