"""What the REST interface says of KPIs, their values, and the calls of the telephone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from reports.kpis.definition import Kpi
from reports.kpis.figure import Unit
from reports.models.phone import MOST_CALLS
from reports.periods import Period, parse_period
from reports.scope import Axis
from reports.wording import cohort_in_words, shape_in_words
from staff.rest import Coded, ListQuery, Moment, Strict

MOST_PERIODS = 60
UNITS = [(unit.value, unit.value) for unit in Unit]


class KpiSerializer(serializers.Serializer):
    """A definition. Its target is that of this month."""

    key = serializers.CharField()
    subject = serializers.SerializerMethodField()
    name = serializers.CharField()
    formula = serializers.CharField(help_text=_("What is in the numerator and the denominator, in words."))
    clause = serializers.CharField()
    shape = serializers.SerializerMethodField(help_text=_("What kind of number it is, in words."))
    cohort = serializers.SerializerMethodField(help_text=_("Which rows belong to a period, in words."))
    unit = serializers.ChoiceField(UNITS)
    higher_is_better = serializers.BooleanField()
    is_volume = serializers.BooleanField(help_text=_("Whether neither more nor less of it is better."))
    target = serializers.SerializerMethodField()
    minimum_sample = serializers.SerializerMethodField()
    axes = serializers.SerializerMethodField()
    parts = serializers.ListField(child=serializers.CharField(allow_blank=True))
    beside = serializers.ListField(
        child=serializers.CharField(), help_text=_("Keys of what to read with it.")
    )

    def get_subject(self, kpi: Kpi) -> str:
        return str(self.context["subjects"][kpi.key])

    def get_shape(self, kpi: Kpi) -> str:
        return shape_in_words(kpi)

    def get_cohort(self, kpi: Kpi) -> str:
        return cohort_in_words(kpi)

    def get_target(self, kpi: Kpi) -> float | None:
        found: float | None = self.context["aims"][kpi.key].target
        return found

    def get_minimum_sample(self, kpi: Kpi) -> int:
        found: int = self.context["aims"][kpi.key].minimum_sample
        return found

    def get_axes(self, kpi: Kpi) -> list[str]:
        return [axis.value for axis in Axis if axis in kpi.axes]


class KpisSerializer(serializers.Serializer):
    kpis = KpiSerializer(many=True)


class Periods(serializers.CharField):
    """Periods with commas between them; its value is their list."""

    default_error_messages = {
        "period": _("Write periods as 2026-11, 2026-W48, 2026-Q4 or 2026, with commas between them."),
        "many": _("At most %(n)s periods at once.") % {"n": MOST_PERIODS},
    }

    def to_internal_value(self, data: Any) -> Any:
        texts = super().to_internal_value(data).split(",")
        if len(texts) > MOST_PERIODS:
            self.fail("many")
        try:
            return list(dict.fromkeys(parse_period(text.strip()) for text in texts))
        except ValueError:
            self.fail("period")

    def to_representation(self, value: Any) -> Any:
        return ",".join(str(period) for period in value)


class ValuesQuery(Strict):
    """Whose and when. Without a group, person or client: all that one may read, else one's own."""

    period = Periods(required=False, max_length=800, help_text=_("Periods, with commas. Empty: this month."))
    group = serializers.CharField(required=False, max_length=50, help_text=_("Code of an O&M group."))
    person = serializers.CharField(required=False, max_length=150, help_text=_("A user name."))
    client = serializers.CharField(required=False, max_length=50, help_text=_("The code of a client."))


class ValueSerializer(serializers.Serializer):
    """What a KPI came to in a period. Nothing in it: no value, which is neither 0 nor 100."""

    period = serializers.CharField()
    since = serializers.DateField(help_text=_("Its first day."))
    until = serializers.DateField(help_text=_("Its last day."))
    numerator = serializers.FloatField()
    denominator = serializers.IntegerField(allow_null=True)
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text=_("Of its interval at the level 0.95."))
    high = serializers.FloatField(allow_null=True)
    median = serializers.FloatField(allow_null=True)
    p90 = serializers.FloatField(allow_null=True)
    is_small = serializers.BooleanField(help_text=_("Whether there are fewer rows than its minimum sample."))
    target = serializers.FloatField(allow_null=True)
    is_reached = serializers.BooleanField(allow_null=True)


class ValuesSerializer(serializers.Serializer):
    kpi = serializers.CharField()
    unit = serializers.ChoiceField(UNITS)
    group = serializers.CharField(allow_null=True)
    person = serializers.CharField(allow_null=True)
    client = serializers.CharField(allow_null=True)
    values = ValueSerializer(many=True)


class PhoneDaySerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    group = Coded()
    day = serializers.DateField()
    offered = serializers.IntegerField()
    answered = serializers.IntegerField()
    filed_at = Moment(source="last_filed_at", allow_null=True)


class PhoneQuery(ListQuery):
    group = serializers.CharField(required=False, max_length=50, help_text=_("Code of an O&M group."))


class PhoneBody(Strict):
    """Filed again the numbers replace those of before; the same ones again change nothing."""

    group = serializers.CharField(max_length=50, help_text=_("Code of an O&M group."))
    day = serializers.DateField(help_text=_("A day of the house's time zone."))
    offered = serializers.IntegerField(min_value=0, max_value=MOST_CALLS)
    answered = serializers.IntegerField(min_value=0, max_value=MOST_CALLS)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


def period_fields(period: Period) -> dict[str, Any]:
    return {"period": str(period), "since": period.first, "until": period.until - timedelta(days=1)}
