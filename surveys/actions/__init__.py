"""What happens to surveys and to what follows from them."""

from surveys.actions.answering import Door, DoorShut, door, save_page, submit
from surveys.actions.asking import not_reached, posted, refuse, returned
from surveys.actions.campaigns import (
    Share,
    Terms,
    change_campaign,
    close_campaign,
    contacts_of,
    make_campaign,
    start_campaign,
)
from surveys.actions.common import KEYED_BY, is_concerned, may_key, may_run, may_write
from surveys.actions.drawing import approve_exception, draw_closed
from surveys.actions.keying import Source, discard_keying, key_again, key_answers, settle
from surveys.actions.knocking import MOST_SENT, MOST_WRONG, knock
from surveys.actions.questionnaires import (
    draft_version,
    load_defaults,
    move_question,
    publish_version,
    remove_question,
    rename,
    retire_questionnaire,
    save_question,
    save_words,
    usual_sampling,
    write_questionnaire,
)
from surveys.actions.sheets import AnswersRefused, Given, kept
from surveys.actions.tending import tend_surveys
from surveys.actions.withdrawing import opt_out, opt_out_told, withdraw

__all__ = [
    "KEYED_BY",
    "MOST_SENT",
    "MOST_WRONG",
    "AnswersRefused",
    "Door",
    "DoorShut",
    "Given",
    "Share",
    "Source",
    "Terms",
    "approve_exception",
    "change_campaign",
    "close_campaign",
    "contacts_of",
    "discard_keying",
    "door",
    "draft_version",
    "draw_closed",
    "is_concerned",
    "kept",
    "key_again",
    "key_answers",
    "knock",
    "load_defaults",
    "make_campaign",
    "may_key",
    "may_run",
    "may_write",
    "move_question",
    "not_reached",
    "opt_out",
    "opt_out_told",
    "posted",
    "publish_version",
    "refuse",
    "remove_question",
    "rename",
    "retire_questionnaire",
    "returned",
    "save_page",
    "save_question",
    "save_words",
    "settle",
    "start_campaign",
    "submit",
    "tend_surveys",
    "usual_sampling",
    "withdraw",
    "write_questionnaire",
]
