"""What is shown of a draft of a roster: its duties, what nobody can take and why, how fair it is."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from duty.api.shapes import DutySpan
from duty.eligibility import Reason
from duty.fairness import Kind, Standing
from staff.rest import Coded, Moment, Person


class DraftSerializer(serializers.Serializer):
    """A draft: nothing yet, until it is published."""

    id = serializers.IntegerField(source="pk")
    group = Coded()
    name = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    rest_days = serializers.IntegerField(help_text=_("Free days between two duties"))
    most_a_week = serializers.IntegerField(allow_null=True, help_text=_("Null: no limit."))
    made_by = Person()
    made_at = Moment()
    published_at = Moment(allow_null=True)
    discarded_at = Moment(allow_null=True)
    schedule = serializers.IntegerField(
        source="schedule_id", allow_null=True, help_text=_("The temporary schedule that it became.")
    )


class DraftSlotSerializer(DutySpan):
    """One duty of a draft."""

    id = serializers.IntegerField(source="pk")
    day = serializers.DateField()
    person = Person(source="user", allow_null=True, help_text=_("Null: nobody has it."))
    proposed = Person(allow_null=True, help_text=_("Whom it was proposed to."))
    is_night = serializers.BooleanField(help_text=_("It holds at three in the morning; never a whole day."))
    is_changed = serializers.BooleanField(help_text=_("Given to somebody else by hand."))


class AgainstSerializer(serializers.Serializer):
    """What stands against somebody's taking a duty."""

    person = Person()
    why = serializers.CharField()


class UnfilledSerializer(serializers.Serializer):
    """A duty that nobody has."""

    slot = serializers.IntegerField(source="slot.pk")
    reasons = AgainstSerializer(many=True, help_text=_("Empty: somebody could take it."))


class StandingSerializer(serializers.Serializer):
    """What somebody has carried in the last twelve months."""

    workday = serializers.SerializerMethodField(help_text=_("Duties on workdays."))
    weekend = serializers.SerializerMethodField(help_text=_("Duties on weekend days and days in lieu."))
    holiday = serializers.SerializerMethodField(help_text=_("Duties on statutory holidays."))
    night = serializers.SerializerMethodField(help_text=_("Those of them that were by night."))
    points = serializers.IntegerField(source="together.points")
    above_mean = serializers.FloatField(source="together.deviation", help_text=_("In points."))

    def get_workday(self, standing: Standing) -> int:
        return standing.kinds[Kind.WORKDAY].count

    def get_weekend(self, standing: Standing) -> int:
        return standing.kinds[Kind.WEEKEND].count

    def get_holiday(self, standing: Standing) -> int:
        return standing.kinds[Kind.HOLIDAY].count

    def get_night(self, standing: Standing) -> int:
        return standing.kinds[Kind.NIGHT].count


class FairnessLineSerializer(serializers.Serializer):
    """A person's line of the fairness table."""

    person = Person()
    before = StandingSerializer()
    after = StandingSerializer(help_text=_("With the draft's duties."))


class DraftedSerializer(serializers.Serializer):
    """What a draft comes to."""

    slots = DraftSlotSerializer(many=True)
    unfilled = UnfilledSerializer(many=True)
    fairness = FairnessLineSerializer(many=True, source="lines")
    wishes = serializers.IntegerField(help_text=_("How many wishes there are for its days."))
    unmet_wishes = serializers.IntegerField(source="unmet")


class DraftWholeSerializer(DraftSerializer, DraftedSerializer):
    """A draft with its duties, what nobody can take and why, and how fair it is."""


class CandidateSerializer(serializers.Serializer):
    """Somebody as the holder of a duty of a draft."""

    person = Person()
    points = serializers.IntegerField(
        source="candidate.points", help_text=_("That he has of this kind of day without it.")
    )
    points_together = serializers.IntegerField(
        source="candidate.together", help_text=_("That he has of all kinds without it.")
    )
    worse = serializers.IntegerField(
        source="candidate.worse", help_text=_("How much less fair the roster would be; below 0: fairer.")
    )
    obstacle = serializers.ChoiceField(
        [(one.value, one.value) for one in Reason],
        source="candidate.obstacle.reason",
        allow_null=True,
        help_text=_("Null: he could take it."),
    )
    why = serializers.CharField(help_text=_("The same in words."))


class SlotWholeSerializer(DraftSlotSerializer):
    """One duty of a draft, and who could take it, best first."""

    candidates = CandidateSerializer(many=True)
