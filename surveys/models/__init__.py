"""What is asked of clients, who was asked, and what they answered."""

from surveys.models.answer import (
    CAME_BY,
    KEYED,
    PAPER,
    Answer,
    AnswerSheet,
    SecondKeying,
    SheetFile,
)
from surveys.models.campaign import (
    ASKED_BY,
    Campaign,
    CampaignKind,
    CampaignState,
    Exclusion,
    SamplingRule,
)
from surveys.models.complaint import ComplaintRuling, Verdict, complaints
from surveys.models.corrective import (
    CorrectiveAction,
    CorrectiveEvent,
    CorrectiveEventKind,
)
from surveys.models.correctiveterms import CorrectiveReply, CorrectiveTerms
from surveys.models.event import SurveyEvent, SurveyEventKind
from surveys.models.invitation import (
    Invitation,
    InvitationState,
    Occasion,
    Outreach,
    OutreachState,
    SurveyMail,
    Token,
    Withdrawal,
)
from surveys.models.knock import Knock
from surveys.models.questionnaire import (
    Dimension,
    Question,
    Questionnaire,
    QuestionnaireVersion,
    words_of,
)
from surveys.sampling import ExclusionReason

__all__ = [
    "ASKED_BY",
    "CAME_BY",
    "KEYED",
    "PAPER",
    "Answer",
    "AnswerSheet",
    "Campaign",
    "CampaignKind",
    "CampaignState",
    "ComplaintRuling",
    "CorrectiveAction",
    "CorrectiveEvent",
    "CorrectiveEventKind",
    "CorrectiveReply",
    "CorrectiveTerms",
    "Dimension",
    "Exclusion",
    "ExclusionReason",
    "Invitation",
    "InvitationState",
    "Knock",
    "Occasion",
    "Outreach",
    "OutreachState",
    "Question",
    "Questionnaire",
    "QuestionnaireVersion",
    "SamplingRule",
    "SecondKeying",
    "SheetFile",
    "SurveyEvent",
    "SurveyEventKind",
    "SurveyMail",
    "Token",
    "Verdict",
    "Withdrawal",
    "complaints",
    "words_of",
]
