"""Four regional groups and the company around them: 40 people, eight of them ready to sign in."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password

from opsdesk.demo.texts import load
from staff.models import Group, ManagementLevel, Role, User
from tickets.models import Hotline

# The roles that work in a group, and how many of each it has; the other roles belong to the company.
GROUP_STAFF = [(Role.OPERATOR, 2), (Role.ENGINEER, 5), (Role.SUPERVISOR, 1)]
COMPANY_STAFF = [
    (Role.SPECIALIST, ManagementLevel.TECHNICAL_LEAD),
    (Role.SPECIALIST, ManagementLevel.NONE),
    (Role.SPECIALIST, ManagementLevel.NONE),
    (Role.AUDITOR, ManagementLevel.NONE),
    (Role.AUDITOR, ManagementLevel.NONE),
    (Role.LEADER, ManagementLevel.DEPARTMENT_MANAGER),
    (Role.LEADER, ManagementLevel.GENERAL_MANAGER),
    (Role.ADMINISTRATOR, ManagementLevel.NONE),
]
# One account a role, named after it; those of a group belong to the first one.
ACCOUNTS = {role: "admin" if role == Role.ADMINISTRATOR else role.value for role in Role}
HOME = "south"


@dataclass(slots=True)
class Team:
    group: Group
    operators: list[User] = field(default_factory=list)
    engineers: list[User] = field(default_factory=list)
    supervisors: list[User] = field(default_factory=list)

    def add(self, user: User) -> None:
        {
            Role.OPERATOR: self.operators,
            Role.ENGINEER: self.engineers,
            Role.SUPERVISOR: self.supervisors,
        }[Role(user.role)].append(user)


@dataclass(slots=True)
class Staff:
    teams: list[Team]
    everyone: list[User]

    def team_of(self, group: Group) -> Team:
        return next(team for team in self.teams if team.group == group)


class Names:
    """Draws names that nobody has yet, with the spelling in Latin letters beside."""

    def __init__(self, rng: random.Random) -> None:
        names = load("names")
        self._rng, self._surnames, self._given = rng, names["surnames"], names["given"]
        self._taken: set[str] = set()

    def draw(self) -> tuple[str, str]:
        while True:
            surname, surname_en = self._rng.choice(self._surnames)
            given, given_en = self._rng.choice(self._given)
            if surname + given not in self._taken:
                self._taken.add(surname + given)
                return surname + given, f"{surname_en} {given_en}"


def hire(rng: random.Random, *, password: str, now: datetime) -> Staff:
    """Create the groups and their people. Accounts named after roles get the password, the others none."""
    names, hashed = Names(rng), make_password(password)
    teams = [
        Team(Group.objects.create(code=row["code"], name=row["name"], name_en=row["name_en"]))
        for row in load("places")["groups"]
    ]
    _open_hotlines(teams)
    hired: list[User] = []
    for team in teams:
        for role, count in GROUP_STAFF:
            level = ManagementLevel.SUPERVISOR if role == Role.SUPERVISOR else ManagementLevel.NONE
            hired += [_person(rng, names, role, level, team.group, now) for _n in range(count)]
    hired += [_person(rng, names, role, level, None, now) for role, level in COMPANY_STAFF]
    _open_accounts(hired, hashed)
    _make_usernames_unique(hired)
    User.objects.bulk_create(hired)
    for user in hired:
        if user.group is not None:
            next(team for team in teams if team.group == user.group).add(user)
    return Staff(teams, hired)


def _open_hotlines(teams: list[Team]) -> None:
    words = load("places")["hotline"]
    Hotline.objects.bulk_create(
        Hotline(
            group=team.group,
            number=words["number"].format(n=n),
            note=words["note"],
            note_en=words["note_en"],
        )
        for n, team in enumerate(teams, start=1)
    )


def mobile(rng: random.Random) -> str:
    """A mobile number that is well formed and nobody's."""
    return f"{rng.choice((136, 137, 138, 139, 158, 186))} 0000 {rng.randrange(10_000):04}"


def latin(name_en: str) -> str:
    """A name as part of an address: "Lü Yan" becomes "lv.yan"."""
    return name_en.lower().replace("ü", "v").replace("'", "").replace(" ", ".")


def _person(
    rng: random.Random, names: Names, role: Role, level: int, group: Group | None, now: datetime
) -> User:
    name, name_en = names.draw()
    return User(
        username=latin(name_en),
        name=name,
        name_en=name_en,
        role=role,
        group=group,
        management_level=level,
        phone=mobile(rng),
        password=make_password(None),
        # No e-mail leaves for what happened before the house opened; turned on when all is written.
        email_notices=False,
        date_joined=now - timedelta(days=rng.randrange(700, 2000)),
    )


def _open_accounts(hired: list[User], hashed: str) -> None:
    for role, username in ACCOUNTS.items():
        first = next((user for user in hired if user.role == role), None)
        if first is not None:
            first.username, first.password = username, hashed
            first.is_staff = first.is_superuser = role == Role.ADMINISTRATOR


def _make_usernames_unique(hired: list[User]) -> None:
    taken: set[str] = set()
    for user in hired:
        plain, number = user.username, 2
        while user.username in taken:
            user.username, number = f"{plain}{number}", number + 1
        taken.add(user.username)
        user.email = f"{user.username}@opsdesk.example.test"
