"""Documents of clients, contracts and systems: put on the shelf, and taken away again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions.common import may_edit, may_edit_contacts, not_his_group, note
from clients.models import ArchiveFile, Client, Contract, Deed, System
from staff.files import Upload
from staff.models import Group, User
from staff.refused import Refused
from staff.shelving import shelve_all, unshelve


def may_file(by: User, group: Group, contract: Contract | None) -> bool:
    """Say whether a person may add or remove documents; a contract's are kept by its supervisor."""
    return may_edit(by, group) if contract is not None else may_edit_contacts(by, group)


def add_files(
    thing: Client | Contract | System, uploads: Sequence[Upload], *, by: User, now: datetime
) -> list[ArchiveFile]:
    """Attach documents. Raises `Refused`, `FilesRefused` with every file that cannot be taken."""
    client = thing if isinstance(thing, Client) else thing.client
    contract = thing if isinstance(thing, Contract) else None
    system = thing if isinstance(thing, System) else None
    if not may_file(by, client.group, contract):
        raise not_his_group()
    if not uploads:
        raise Refused(_("Choose a file."), field="files", code="required")
    shelved = shelve_all(uploads)
    try:
        with transaction.atomic():
            files = ArchiveFile.objects.bulk_create(
                ArchiveFile(client=client, contract=contract, system=system, by=by, at=now, **file.facts)
                for file in shelved
            )
            note(thing, Deed.FILE_ADDED, by=by, now=now, text=", ".join(file.name for file in files))
    except Exception:
        unshelve(shelved)
        raise
    return files


@transaction.atomic
def remove_file(file: ArchiveFile, *, by: User, now: datetime) -> None:
    """Take a document away; that it was there stays in the history, the shelf is swept later."""
    if not may_file(by, file.client.group, file.contract):
        raise not_his_group()
    thing = file.contract or file.system or file.client
    if ArchiveFile.objects.filter(pk=file.pk).delete()[0]:
        note(thing, Deed.FILE_REMOVED, by=by, now=now, text=file.name)
