"""Dashboards in the states that differ, for the tests in a browser."""

from django.urls import reverse


def figure_pages() -> list[tuple[str, str]]:
    """All parts at once, one alone, one's own, the table, a client's, and a choice that found nobody."""
    dashboard, course = reverse("reports:dashboard"), reverse("reports:course")
    return [
        ("wang", f"{dashboard}?whole=1"),
        ("zhao", dashboard),
        ("zhao", f"{dashboard}?client=hospital&period=2026-Q4"),
        ("chen", reverse("reports:mine")),
        ("wang", reverse("reports:table")),
        ("zhao", f"{course}?kpi=response"),
        ("wang", reverse("reports:part", args=["hours"])),
        ("wang", reverse("reports:reported")),
        ("zhao", f"{reverse('reports:whose')}?go=1&client=nobody"),
    ]
