"""Pages of the dictionary and of the rows behind figures, for the tests in a browser."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from reports.actions.phone import file_calls
from reports.actions.targets import set_target

LONG = "按照新签合同的约定调整,自本月起执行" * 8


def kpi_pages(cast: Cast) -> list[tuple[str, str]]:
    """The dictionary, KPIs of each shape with a target set, rows with and without any, and the telephone."""
    now = timezone.now()
    today = timezone.localdate(now)
    set_target("response", since=today, target=97.5, minimum_sample=10, reason=LONG, by=cast.zhou, now=now)
    day = file_calls(cast.south, today, offered=48, answered=45, note=LONG[:200], by=cast.wang, now=now)
    rows, period = reverse("reports:rows"), f"{today:%Y}"
    return [
        ("zhou", reverse("reports:kpis")),
        *(("zhou", reverse("reports:kpi", args=[key])) for key in ("response", "mttr", "availability")),
        ("chen", reverse("reports:kpi", args=["backlog"])),
        *(("zhao", f"{rows}?kpi={key}&period={period}") for key in ("response", "reported", "answered")),
        ("wang", f"{rows}?kpi=response&period={period}&part=others"),
        ("zhao", f"{rows}?kpi=documents&period=2020"),
        ("wang", reverse("reports:phone")),
        ("wang", reverse("reports:phone_day", args=[day.pk])),
    ]
