"""Shifts from before there was a plan behind them stay on the roster."""

from datetime import timedelta
from importlib import import_module

from django.apps import apps
from django.utils import timezone

from duty.actions import publish_all
from duty.models import Override, Shift


def test_what_lay_ahead_when_the_plan_came_is_placed_by_hand_and_what_was_over_stays(cast):
    now = timezone.now()
    spans = [(-30, -20), (-2, 6), (6, 30), (24 * 100, 24 * 101)]
    for starts, ends in spans:
        facts = {"starts_at": now + timedelta(hours=starts), "ends_at": now + timedelta(hours=ends)}
        Shift.objects.create(group=cast.south, user=cast.chen, **facts)
    before = set(Shift.objects.values_list("pk", "starts_at", "ends_at"))
    import_module("duty.migrations.0002_roster_plan").keep_as_placed_by_hand(apps, None)
    assert Override.objects.count() == 3
    assert publish_all(now=now) == 1
    kept = set(Shift.objects.values_list("pk", "starts_at", "ends_at"))
    far = before - kept
    assert kept < before and [starts_at > now + timedelta(days=61) for _pk, starts_at, _ends in far] == [True]
    publish_all(now=now + timedelta(days=45))
    assert Shift.objects.count() == 4, "what lay beyond the window is written out when it comes into sight"
