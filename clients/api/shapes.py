"""What the archive looks like through the REST interface: rows that are read, bodies that are sent."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clients.history import told
from clients.models import Channel, Contract, Language, PhoneKind, Weekday
from clients.wishtext import MOST
from staff.rest import Coded, Named, Person, Strict

SOME = {"required": False}
TEXT = {"required": False, "allow_blank": True}


class HoursShape(Strict):
    weekday = serializers.IntegerField(min_value=0, max_value=6, help_text=_("0 is Monday."))
    starts = serializers.TimeField()
    ends = serializers.TimeField(help_text=_("00:00 is midnight."))


class PeriodShape(Strict):
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    every_year = serializers.BooleanField(default=False)
    reason = serializers.CharField(default="", allow_blank=True, max_length=120)


class NumberShape(Strict):
    kind = serializers.ChoiceField(PhoneKind.choices, required=False)
    number = serializers.CharField(max_length=40)


class SurveysShape(Strict):
    """Whether somebody wants no surveys, and why."""

    wanted = serializers.BooleanField()
    reason = serializers.CharField(default="", allow_blank=True, max_length=200)


class WishesBody(Strict):
    """How and when somebody wants to be reached; what is left out stays as it is."""

    preferred_channel = serializers.ChoiceField(Channel.choices, **TEXT)
    language = serializers.ChoiceField(Language.choices, **TEXT)
    taboos = serializers.CharField(max_length=1000, **TEXT)
    preferences = serializers.CharField(max_length=2000, **TEXT)
    postal_address = serializers.CharField(max_length=300, **TEXT)
    contact_hours = HoursShape(many=True, max_length=MOST, **SOME)
    quiet_periods = PeriodShape(many=True, max_length=MOST, **SOME)
    no_surveys = SurveysShape(**SOME)


class ClientChange(WishesBody):
    """What is to be changed of a client."""

    name = serializers.CharField(max_length=120, **SOME)
    name_en = serializers.CharField(max_length=120, **TEXT)
    type = serializers.SlugField(**SOME)
    group = serializers.SlugField(**SOME)
    hours = serializers.SlugField(**SOME)
    address = serializers.CharField(max_length=200, **TEXT)
    fax = serializers.CharField(max_length=40, **TEXT)
    is_active = serializers.BooleanField(**SOME)


class ClientNew(ClientChange):
    code = serializers.SlugField()
    name = serializers.CharField(max_length=120)
    type = serializers.SlugField()
    group = serializers.SlugField()
    hours = serializers.SlugField()


class ContactChange(WishesBody):
    name = serializers.CharField(max_length=120, **SOME)
    name_en = serializers.CharField(max_length=120, **TEXT)
    site = serializers.IntegerField(allow_null=True, **SOME)
    job_title = serializers.CharField(max_length=80, **TEXT)
    email = serializers.EmailField(**TEXT)
    roles = serializers.ListField(child=serializers.SlugField(), max_length=20, **SOME)
    phones = NumberShape(many=True, max_length=20, **SOME)
    is_active = serializers.BooleanField(**SOME)


class ContactNew(ContactChange):
    name = serializers.CharField(max_length=120)


class SiteChange(Strict):
    name = serializers.CharField(max_length=120, **SOME)
    name_en = serializers.CharField(max_length=120, **TEXT)
    address = serializers.CharField(max_length=200, **TEXT)
    travel = serializers.CharField(max_length=1000, **TEXT)
    remarks = serializers.CharField(max_length=1000, **TEXT)
    is_active = serializers.BooleanField(**SOME)


class SiteNew(SiteChange):
    name = serializers.CharField(max_length=120)


class SystemChange(Strict):
    name = serializers.CharField(max_length=120, **SOME)
    name_en = serializers.CharField(max_length=120, **TEXT)
    site = serializers.IntegerField(allow_null=True, **SOME)
    kind = serializers.CharField(max_length=60, **TEXT)
    version = serializers.CharField(max_length=60, **TEXT)
    environment = serializers.CharField(max_length=200, **TEXT)
    remote_access = serializers.CharField(max_length=200, **TEXT)
    in_service_since = serializers.DateField(allow_null=True, **SOME)
    maintainer = serializers.CharField(allow_null=True, max_length=150, **SOME)
    backup = serializers.CharField(allow_null=True, max_length=150, **SOME)
    is_active = serializers.BooleanField(**SOME)


class SystemNew(SystemChange):
    name = serializers.CharField(max_length=120)


class ContractChange(Strict):
    number = serializers.CharField(max_length=40, **SOME)
    starts_on = serializers.DateField(**SOME)
    ends_on = serializers.DateField(**SOME)
    systems = serializers.ListField(child=serializers.IntegerField(), max_length=200, **SOME)
    sites = serializers.ListField(child=serializers.IntegerField(), max_length=200, **SOME)
    grade_two_round_the_clock = serializers.BooleanField(**SOME)
    remarks = serializers.CharField(max_length=1000, **TEXT)
    renewal_settled = serializers.BooleanField(**SOME)


class ContractNew(ContractChange):
    number = serializers.CharField(max_length=40)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()


class PhoneRow(serializers.Serializer):
    kind = serializers.ChoiceField(PhoneKind.choices)
    number = serializers.CharField()
    digits = serializers.CharField()
    extension = serializers.CharField()


class HoursRow(serializers.Serializer):
    weekday = serializers.ChoiceField(Weekday.choices)
    starts = serializers.TimeField()
    ends = serializers.TimeField()


class PeriodRow(serializers.Serializer):
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    every_year = serializers.BooleanField()
    reason = serializers.CharField()


class WishesRow(serializers.Serializer):
    """How and when somebody wants to be reached, as it was written down for him."""

    preferred_channel = serializers.ChoiceField(Channel.choices, allow_blank=True)
    language = serializers.ChoiceField(Language.choices, allow_blank=True)
    taboos = serializers.CharField()
    preferences = serializers.CharField()
    postal_address = serializers.CharField()
    wants_no_surveys = serializers.BooleanField()
    no_surveys_reason = serializers.CharField()
    contact_hours = HoursRow(many=True)
    quiet_periods = PeriodRow(many=True)
    is_active = serializers.BooleanField()
    revision = serializers.IntegerField(help_text=_("Counts the changes; it is the ETag."))


class ClientFull(Coded, WishesRow):
    """A client with all that the archive holds of himself."""

    type = Coded()
    group = Coded()
    hours = Coded()
    address = serializers.CharField()
    fax = serializers.CharField()
    merged_into = Coded(allow_null=True)


class ContactFull(Named, WishesRow):
    """A contact with his numbers. For the house alone."""

    client = Coded()
    site = Named(allow_null=True)
    job_title = serializers.CharField()
    email = serializers.CharField()
    roles = Coded(many=True)
    phones = PhoneRow(many=True)


class SiteFull(Named):
    client = Coded()
    address = serializers.CharField()
    travel = serializers.CharField()
    remarks = serializers.CharField()
    is_active = serializers.BooleanField()
    revision = serializers.IntegerField()


class SystemFull(Named):
    client = Coded()
    site = Named(allow_null=True)
    kind = serializers.CharField()
    version = serializers.CharField()
    environment = serializers.CharField()
    remote_access = serializers.CharField()
    in_service_since = serializers.DateField(allow_null=True)
    maintainer = Person(allow_null=True)
    backup = Person(allow_null=True)
    is_active = serializers.BooleanField()
    revision = serializers.IntegerField()


class ContractFull(serializers.ModelSerializer):
    """A contract; neither systems nor sites means that all is covered."""

    client = Coded()
    systems = Named(many=True)
    sites = Named(many=True)

    class Meta:
        model = Contract
        fields = (
            "id",
            "number",
            "client",
            "starts_on",
            "ends_on",
            "systems",
            "sites",
            "grade_two_round_the_clock",
            "remarks",
            "renewal_settled",
            "revision",
        )
        read_only_fields = fields


class TypeRow(Coded):
    description = serializers.CharField()
    is_active = serializers.BooleanField()


class ChangeRow(serializers.Serializer):
    field = serializers.CharField()
    old = serializers.CharField()
    new = serializers.CharField()


class EntryRow(serializers.Serializer):
    """A change of the archive; nobody changes it any more."""

    id = serializers.IntegerField(source="pk")
    at = serializers.DateTimeField()
    by = Person(allow_null=True)
    thing = serializers.CharField()
    label = serializers.CharField()
    deed = serializers.CharField()
    note = serializers.CharField()
    changes = serializers.SerializerMethodField()

    @extend_schema_field(ChangeRow(many=True))
    def get_changes(self, entry: Any) -> list[dict[str, str]]:
        return [{"field": one.field, "old": one.old, "new": one.new} for one in told(entry)]


class ReachRow(serializers.Serializer):
    """What to know before somebody is contacted: the contact's wishes, and where he has none the client's."""

    taboos = serializers.ListField(child=serializers.CharField())
    preferences = serializers.ListField(child=serializers.CharField())
    channel = serializers.ChoiceField(Channel.choices, allow_null=True)
    language = serializers.ChoiceField(Language.choices, allow_null=True)
    hours = serializers.ListField(child=serializers.CharField())
    periods = serializers.ListField(child=serializers.CharField())
    may_now = serializers.BooleanField(help_text=_("Whether he may be called at this instant."))
    next_at = serializers.DateTimeField(allow_null=True, help_text=_("When he may be, where not now."))
    wants_no_surveys = serializers.BooleanField()
    postal_address = serializers.CharField()
    fax = serializers.CharField()
