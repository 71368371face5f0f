"""What happens in the client archive: one verb per thing."""

from clients.actions.common import may_edit, may_edit_contacts, may_rule_types
from clients.actions.contacts import (
    Number,
    WantsNoSurveys,
    Wishes,
    note_surveys_refused,
    refuse_surveys,
    save_contact,
)
from clients.actions.defaults import load_defaults
from clients.actions.files import add_files, may_file, remove_file
from clients.actions.renewals import remind_of_renewals
from clients.actions.saving import (
    save_client,
    save_contract,
    save_site,
    save_system,
    save_type,
    set_renewal_terms,
)

__all__ = [
    "Number",
    "WantsNoSurveys",
    "Wishes",
    "add_files",
    "load_defaults",
    "may_edit",
    "may_edit_contacts",
    "may_file",
    "may_rule_types",
    "note_surveys_refused",
    "refuse_surveys",
    "remind_of_renewals",
    "remove_file",
    "save_client",
    "save_contact",
    "save_contract",
    "save_site",
    "save_system",
    "save_type",
    "set_renewal_terms",
]
