"""Two groups with their clients and rosters, in which random histories happen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from clients.models import Client, Contact, Contract, ServiceHours, System
from duty.actions import Rhythm, Turns, define_rotation, make_plan
from duty.models import DutyRole, InspectionPlan
from duty.recurrence import Often
from duty.tests.inspections import published
from opsdesk.testing import Cast, at
from staff.models import Group, ManagementLevel, Role, User
from surveys import actions as surveys
from surveys.models import CampaignKind
from surveys.tests.surveys import published as questionnaire
from surveys.tests.surveys import terms
from visits import actions as visits

BEGINS, ENDS = at("2026-08-28 09:00"), at("2026-11-17 14:10")
MONTHS = [date(2026, month, 1) for month in (8, 9, 10, 11, 12)]


@dataclass
class World:
    """`staff` are those of a group who act on its records, `systems` and `contacts` those of a client."""

    cast: Cast
    staff: dict[int, list[User]] = field(default_factory=dict)
    leads: dict[int, User] = field(default_factory=dict)
    clients: list[Client] = field(default_factory=list)
    systems: dict[int, list[System]] = field(default_factory=dict)
    contacts: dict[int, Contact] = field(default_factory=dict)
    plans: list[InspectionPlan] = field(default_factory=list)

    @property
    def groups(self) -> list[Group]:
        return [self.cast.south, self.cast.north]

    @property
    def people(self) -> list[User]:
        return [user for staff in self.staff.values() for user in staff] + [self.cast.liu]


def build_world(cast: Cast) -> World:
    """The cast, a second group that is complete, two more clients, duties, sheets, plans and campaigns."""
    world = World(cast)

    def person(username: str, role: Role, level: int = 0, group: Group = cast.north) -> User:
        return User.objects.create_user(
            username, name=username, role=role, group=group, management_level=level
        )

    hu = person("hu", Role.ENGINEER, group=cast.south)
    gao = person("gao", Role.ENGINEER)
    tian = person("tian", Role.SUPERVISOR, ManagementLevel.SUPERVISOR)
    User.objects.update(date_joined=at("2025-01-01 09:00"))
    world.staff = {cast.south.pk: [cast.li, cast.chen, hu], cast.north.pk: [cast.outsider, gao]}
    world.leads = {cast.south.pk: cast.wang, cast.north.pk: tian}

    _client(world, cast.hospital, [cast.his, _system(cast.hospital, "PACS", hu)], cast.contact)
    for code, group, hours, engineer in (
        ("bank", cast.north, ServiceHours.objects.filter(round_the_clock=True)[0], gao),
        ("school", cast.south, cast.hospital.hours, hu),
    ):
        client = Client.objects.create(
            code=code, name=code, type=cast.hospital.type, group=group, hours=hours, address="x"
        )
        Contract.objects.create(client=client, number=code, starts_on="2025-01-01", ends_on="2027-12-31")
        contact = Contact.objects.create(client=client, name=code, email=f"{code}@{code}.test")
        _client(world, client, [_system(client, code, engineer)], contact)
    Contact.objects.filter(pk=cast.contact.pk).update(email="sun@hospital.test")
    System.objects.filter(name="school").update(in_service_since=date(2026, 10, 8))
    System.objects.create(client=client, name="old", maintainer=cast.chen, is_active=False)
    _duties(world)
    _standing_orders(world)
    return world


def _system(client: Client, name: str, maintainer: User) -> System:
    return System.objects.create(client=client, name=name, name_en=name, maintainer=maintainer)


def _client(world: World, client: Client, systems: list[System], contact: Contact) -> None:
    world.clients.append(client)
    world.systems[client.pk], world.contacts[client.pk] = systems, contact


def _duties(world: World) -> None:
    """A turn of a day each from half past eight in the south, from midnight in the north."""
    for group, changes in ((world.cast.south, time(8, 30)), (world.cast.north, time(0))):
        turns = Turns(
            name="Duty",
            role=DutyRole.PRIMARY,
            people=world.staff[group.pk],
            starts=changes,
            ends=changes,
            first_day=BEGINS.date(),
        )
        since = datetime.combine(BEGINS.date(), changes, BEGINS.tzinfo)
        define_rotation(group, turns, since=since, by=world.leads[group.pk], now=since - timedelta(days=1))


def _standing_orders(world: World) -> None:
    """What the house does by itself: inspections, callbacks, surveys after a record."""
    cast, before = world.cast, BEGINS - timedelta(days=1)
    sheet = published(cast, now=before)
    for often, due, more in (
        (Often.WEEKLY, time(0), {"weekday": 1, "is_moved": False, "window_minutes": 600}),
        (Often.MONTHLY, time(0), {"month_day": 1, "is_moved": False, "window_minutes": 60}),
        (Often.WORKDAYS, time(10), {"window_minutes": 120}),
    ):
        rhythm = Rhythm(often=often, due=due, since=BEGINS.date(), **more)
        world.plans.append(make_plan(sheet, rhythm, by=cast.wang, now=before))
    visits.load_defaults(now=before)
    version = questionnaire(cast.zhou, now=before)
    for kind in (CampaignKind.AFTER_TICKET, CampaignKind.PERIODIC):
        more = {"cooldown_days": 0, "delay_hours": 1} if kind == CampaignKind.AFTER_TICKET else {}
        campaign = surveys.make_campaign(terms(version, kind, **more), by=cast.zhou, now=before)
        surveys.start_campaign(campaign, by=cast.zhou, now=before)
