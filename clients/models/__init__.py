"""The client archive (§5.3, §4.3): who they are, what they run, when and how they want to be reached."""

from clients.models.clients import NAMES, Client, ClientQuerySet, ClientType
from clients.models.contacts import Contact, ContactQuerySet, ContactRole, Phone, PhoneKind
from clients.models.contracts import Contract, ContractQuerySet, RenewalReminder, RenewalTerm
from clients.models.history import ArchiveEntry, ArchiveFile, ArchiveMerge, Deed, Thing
from clients.models.hours import ServiceHours, ServiceSpan, Weekday
from clients.models.quiet import ContactHours, QuietPeriod
from clients.models.reaching import Channel, Language, Reached
from clients.models.sites import Site, SiteQuerySet
from clients.models.systems import System, SystemQuerySet

__all__ = [
    "NAMES",
    "ArchiveEntry",
    "ArchiveFile",
    "ArchiveMerge",
    "Channel",
    "Client",
    "ClientQuerySet",
    "ClientType",
    "Contact",
    "ContactHours",
    "ContactQuerySet",
    "ContactRole",
    "Contract",
    "ContractQuerySet",
    "Deed",
    "Language",
    "Phone",
    "PhoneKind",
    "QuietPeriod",
    "Reached",
    "RenewalReminder",
    "RenewalTerm",
    "ServiceHours",
    "ServiceSpan",
    "Site",
    "SiteQuerySet",
    "System",
    "SystemQuerySet",
    "Thing",
    "Weekday",
]
