"""The cast of the tests, and the instants at which they meet.

李敏 answers calls, 陈工 goes on site, 王强 supervises, 刘工 leads the technical team, 周姐 audits,
赵总 manages the department, 钱总 the company; 外人 works in another group and may see nothing of theirs.
孙主任 is the client's contact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from clients.actions import load_defaults as load_client_defaults
from clients.actions import save_contact
from clients.models import Client, ClientType, Contact, Contract, ServiceHours, System
from duty.actions import load_year
from duty.models import CalendarDay
from duty.official import plan_of
from staff.models import Group, ManagementLevel, Role, User
from tickets.actions import Call, load_work_types, log_call
from tickets.actions.policy import load_defaults as load_policy
from tickets.audit import Problem, answers
from tickets.models import Ticket
from tickets.soundness import looks_at_records

SHANGHAI = ZoneInfo("Asia/Shanghai")
PASSWORD = "correct horse 58"


def at(text: str) -> datetime:
    """An instant from `2026-11-23 14:00` in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


MONDAY = at("2026-11-23 09:30")  # an ordinary working Monday


@dataclass
class Cast:
    """Two groups, their people, one hospital with a system, its contact and its contract."""

    south: Group
    north: Group
    li: User
    chen: User
    wang: User
    liu: User
    zhou: User
    zhao: User
    qian: User
    outsider: User
    admin: User
    sun: User
    hospital: Client
    contact: Contact
    his: System

    def call(self, **more: object) -> Call:
        """A call from the hospital."""
        facts: dict[str, object] = {
            "client": self.hospital,
            "system": self.his,
            "contact": self.contact,
            "caller_name": "孙主任",
            "title": "系统崩溃,无法登录",
        }
        return Call(**(facts | more))  # type: ignore[arg-type]

    def ticket(self, now: datetime = MONDAY, **more: object) -> Ticket:
        """A record of that call, taken by 李敏."""
        return log_call(self.call(**more), by=self.li, now=now)


def load_reference_rows() -> None:
    """Limits, rules, client types, service hours, and last the calendar of 2025 to 2027."""
    if not CalendarDay.objects.exists():
        load_client_defaults()
        load_policy()
        load_work_types()
        for year in (2025, 2026, 2027):
            load_year(_plan(year))


_plan = cache(plan_of)


def build_cast() -> Cast:
    """Create the cast in an empty database that has its reference rows."""
    load_reference_rows()
    south = Group.objects.create(code="south", name="华南运维组", name_en="South")
    north = Group.objects.create(code="north", name="华北运维组", name_en="North")

    def person(username: str, name: str, role: Role, group: Group | None = None, level: int = 0) -> User:
        return User.objects.create_user(
            username,
            f"{username}@example.test",
            PASSWORD,
            name=name,
            role=role,
            group=group,
            management_level=level,
        )

    hospital = Client.objects.create(
        code="hospital",
        name="市一医院",
        name_en="First Hospital",
        type=ClientType.objects.get(code="A"),
        group=south,
        hours=ServiceHours.objects.get(code="office"),
        address="深圳市罗湖区",
    )
    sun = person("sun", "孙主任", Role.CONTACT)
    contact = save_contact(Contact(client=hospital, name="孙主任", user=sun), ["0755-8888 8877"])
    chen = person("chen", "陈工", Role.ENGINEER, south)
    his = System.objects.create(
        client=hospital, name="HIS 住院系统", name_en="HIS inpatient", maintainer=chen
    )
    Contract.objects.create(client=hospital, number="HT-1", starts_on="2025-01-01", ends_on="2027-12-31")
    return Cast(
        south=south,
        north=north,
        li=person("li", "李敏", Role.OPERATOR, south),
        chen=chen,
        wang=person("wang", "王强", Role.SUPERVISOR, south, ManagementLevel.SUPERVISOR),
        liu=person("liu", "刘工", Role.SPECIALIST, None, ManagementLevel.TECHNICAL_LEAD),
        zhou=person("zhou", "周姐", Role.AUDITOR),
        zhao=person("zhao", "赵总", Role.LEADER, None, ManagementLevel.DEPARTMENT_MANAGER),
        qian=person("qian", "钱总", Role.LEADER, None, ManagementLevel.GENERAL_MANAGER),
        outsider=person("outsider", "外人", Role.OPERATOR, north),
        admin=person("admin", "管理员", Role.ADMINISTRATOR),
        sun=sun,
        hospital=hospital,
        contact=contact,
        his=his,
    )


def sunk(now: datetime) -> list[Problem]:
    """What the auditor finds wrong with records and clocks; nothing else is tended in most tests."""
    return answers(looks_at_records(now))
