"""What clients said of generated records: callbacks, needs, promises, surveys and corrective actions,
  by SQL.

One closed record of five was called back about and one of four asked about; one answer of eight was bad,
  and
what came of it is open when it is new. What was planned lately waits. Shaped like the real thing,
  not written
by the verbs: it is for measuring.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils import timezone

from clients.models import Channel
from surveys import actions
from surveys.models import Campaign, CampaignKind, CampaignState, QuestionnaireVersion

STEPS = [
    """
INSERT INTO visits_callback
  (kind, method, state, client_id, group_id, contact_id, system_id, ticket_id, cycle, person_id, due_at,
  limit_at,
   note, tries, done_at, done_by_id, channel, spoke_with, summary, is_solved, satisfaction,
   expectation_not_met,
   expectation_words, next_wish, told, created_at, version)
SELECT 'after_fault', 'phone', CASE WHEN f.is_past THEN 'done' ELSE 'planned' END, t.client_id, t.group_id,
  t.contact_id, t.system_id, t.id, 1, t.owner_id, t.closed_at + interval '1 day',
  t.closed_at + interval '2 days',
  '', 1, CASE WHEN f.is_past THEN t.closed_at + interval '1 day' END,
  CASE WHEN f.is_past THEN t.owner_id END,
  CASE WHEN f.is_past THEN 'phone' ELSE '' END, CASE WHEN f.is_past THEN t.caller_name ELSE '' END, t.title,
  CASE WHEN f.is_past THEN true END, CASE WHEN f.is_past THEN '4' ELSE '' END,
  f.is_past AND t.id %% 400 = 0,
  CASE WHEN f.is_past AND t.id %% 400 = 0 THEN t.title ELSE '' END, '', 0, t.closed_at, 1
FROM tickets_ticket t, LATERAL (SELECT t.closed_at < %(now)s - interval '1 day' AS is_past) AS f
WHERE t.kind = 'fault' AND t.closed_at IS NOT NULL AND t.id %% 5 = 0
""",
    """
INSERT INTO visits_need (client_id, group_id, callback_id, title, details, state, owner_id, due_on, answer,
  answer_channel, raised_at, raised_by_id, closed_at, closed_by_id, version)
SELECT client_id, group_id, id, left(summary, 100), summary,
  CASE WHEN done_at < %(now)s - interval '30 days' THEN 'done' ELSE 'accepted' END, done_by_id,
  done_at::date + 30,
  CASE WHEN done_at < %(now)s - interval '30 days' THEN summary ELSE '' END,
  CASE WHEN done_at < %(now)s - interval '30 days' THEN 'phone' ELSE '' END, done_at, done_by_id,
  CASE WHEN done_at < %(now)s - interval '30 days' THEN done_at END,
  CASE WHEN done_at < %(now)s - interval '30 days' THEN done_by_id END, 1
FROM visits_callback WHERE done_at IS NOT NULL AND id %% 6 = 0
""",
    """
INSERT INTO visits_promise (client_id, group_id, callback_id, text, person_id, due_on, state, note, made_at,
  made_by_id, closed_at, closed_by_id)
SELECT client_id, group_id, id, left(summary, 100), done_by_id, done_at::date + 5,
  CASE WHEN done_at < %(now)s - interval '6 days' THEN 'kept' ELSE 'open' END, '', done_at, done_by_id,
  CASE WHEN done_at < %(now)s - interval '6 days' THEN done_at END,
  CASE WHEN done_at < %(now)s - interval '6 days' THEN done_by_id END
FROM visits_callback WHERE done_at IS NOT NULL AND id %% 7 = 0
""",
    """
INSERT INTO visits_opinion (client_id, group_id, callback_id, tone, text, at, by_id)
SELECT client_id, group_id, id, CASE WHEN id %% 2 = 0 THEN 'praise' ELSE 'suggestion' END, summary,
  done_at, done_by_id
FROM visits_callback WHERE done_at IS NOT NULL AND id %% 8 = 0
""",
    """
INSERT INTO surveys_invitation (campaign_id, version_id, client_id, contact_id, ticket_id, round,
  engineer_id, group_id,
  grade, system_id, client_type_id, state, channel, is_exception, created_at, sent_at, reminders,
  over_at, withdrawn_why)
SELECT %(campaign)s, %(version)s, t.client_id, t.contact_id, t.id, 1, t.owner_id, t.group_id, t.grade,
  t.system_id,
  c.type_id, CASE WHEN t.id %% 3 = 0 THEN 'no_response' ELSE 'answered' END,
  CASE WHEN t.id %% 8 = 0 THEN 'phone' ELSE 'email' END, false, t.closed_at,
  t.closed_at + interval '1 day', 0,
  t.closed_at + interval '3 days', ''
FROM tickets_ticket t JOIN clients_client c ON c.id = t.client_id
WHERE t.closed_at IS NOT NULL AND t.contact_id IS NOT NULL AND t.id %% 4 = 0
""",
    """
INSERT INTO surveys_answersheet (invitation_id, channel, language, begun_at, finished_at, given_at,
  collected_by_id,
  keyed_by_id, keyed_at, evidence, is_complaint, wants_reply, is_bad, score)
SELECT id, CASE channel WHEN 'email' THEN 'web' ELSE channel END, 'zh-hans', over_at, over_at, over_at,
  CASE channel WHEN 'phone' THEN engineer_id END, CASE channel WHEN 'phone' THEN engineer_id END,
  CASE channel WHEN 'phone' THEN over_at END, '', false, false, id %% 16 = 0,
  CASE WHEN id %% 16 = 0 THEN 40 ELSE 80 + id %% 3 * 10 END
FROM surveys_invitation WHERE state = 'answered'
""",
    """
INSERT INTO surveys_answer (sheet_id, question_id, value, number, why, is_bad)
SELECT s.id, q.id, to_jsonb(f.point), f.point, CASE WHEN s.is_bad THEN 'bench ' || s.id ELSE '' END,
  s.is_bad
FROM surveys_answersheet s
JOIN surveys_question q ON q.version_id = %(version)s AND q.kind IN ('scale', 'nps')
CROSS JOIN LATERAL (SELECT CASE WHEN s.is_bad THEN 2 ELSE 4 + (s.id + q.id) %% 2 END AS point) AS f
""",
    """
INSERT INTO surveys_correctiveaction (source, answer_id, ticket_id, client_id, contact_id, system_id,
  group_id, title,
  words, opened_at, state, round, since, whys, root_cause, measure, owner_id, result, was_late, reply,
  reply_how,
  reply_to, verification, effect, effect_note, dropped_because, over_at, due_at, told, version)
SELECT 'answer', s.id, i.ticket_id, i.client_id, i.contact_id, i.system_id, i.group_id, 'bench ' || s.id,
  'bench',
  s.finished_at, CASE WHEN f.is_past THEN 'dropped' ELSE 'acting' END, 1, s.finished_at, '{}', '', '',
  i.engineer_id,
  '', false, '', '', '', '', '', '', CASE WHEN f.is_past THEN 'bench' ELSE '' END,
  CASE WHEN f.is_past THEN s.finished_at + interval '20 days' END,
  CASE WHEN f.is_past THEN NULL ELSE s.finished_at + interval '5 days' END, 0, 1
FROM surveys_answersheet s JOIN surveys_invitation i ON i.id = s.invitation_id,
  LATERAL (SELECT s.finished_at < %(now)s - interval '30 days' AS is_past) AS f
WHERE s.is_bad
""",
]


def listen(*, now: datetime) -> None:
    """Write it all, as it stands at `now` (aware)."""
    actions.load_defaults(now=now)
    version = QuestionnaireVersion.objects.filter(published_at__isnull=False).latest("pk")
    campaign = Campaign.objects.create(
        name="bench",
        kind=CampaignKind.AFTER_TICKET,
        version=version,
        state=CampaignState.RUNNING,
        opens_on=timezone.localdate(now),
        channels=[Channel.EMAIL, Channel.PHONE],
        started_at=now,
    )
    with connection.cursor() as cursor:
        for step in STEPS:
            cursor.execute(step, {"now": now, "campaign": campaign.pk, "version": version.pk})
