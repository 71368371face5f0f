"""The words about duty, clients, quality, meetings and the telephone, as SQL over the raw rows."""

from __future__ import annotations

from reports.tests.recount.shapes import Shape, Words, day_begun, day_over, last_day, moment

GROUP = "x.group_id AS grp"


# Duty (§5.1)

SHEET = """duty_inspection x JOIN duty_sheetversion v ON v.id = x.version_id
    JOIN duty_inspectionsheet h ON h.id = v.sheet_id LEFT JOIN clients_system s ON s.id = h.system_id"""
INSPECTIONS = f"""
    SELECT {moment("x.closes_at")}, {GROUP}, x.person_id AS person, s.client_id AS client,
        coalesce(x.finished_at <= x.closes_at, false) AS yes
    FROM {SHEET}
"""
ABNORMAL = f"""
    SELECT {moment("x.finished_at")}, {GROUP}, x.finished_by_id AS person, s.client_id AS client, 1 AS amount
    FROM {SHEET} JOIN duty_inspectionanswer a ON a.inspection_id = x.id
    WHERE x.finished_at IS NOT NULL AND a.result = 'abnormal' AND a.reason <> '' AND a.recorded_at IS NULL
"""


def _shifts(by: str) -> str:
    """Shifts of the first duty that another person had before, and whether they were signed for by then.

    Over a gap a duty passes as well: whoever had it last answers for it (docs/roster.md).
    """
    return f"""
        SELECT {moment(by)}, {GROUP}, x.user_id AS person, NULL::BIGINT AS client, EXISTS (
            SELECT 1 FROM tickets_handover h WHERE h.group_id = x.group_id AND h.changes_at = x.starts_at
                AND h.signed_at <= {by}) AS yes
        FROM (SELECT *, lag(user_id) OVER (PARTITION BY group_id ORDER BY starts_at) AS before
            FROM duty_shift WHERE role = 'primary') x
        LEFT JOIN tickets_handoverterms m ON m.group_id = x.group_id
        WHERE x.before <> x.user_id
    """


EMPTY = f"""
    SELECT {moment("x.starts_at")}, {GROUP}, x.user_id AS person, NULL::BIGINT AS client, 1 AS amount
    FROM duty_emptyshift x
"""


# Clients (§4.1.2, §4.3, §5.3)

MINE = "x.group_id AS grp, x.person_id AS person, x.client_id AS client"
OWED = "x.state NOT IN ('covered', 'withdrawn')"
CALLBACKS = f"""
    SELECT {last_day("x.limit_at")}, {MINE},
        coalesce(x.state = 'done' AND x.done_at <= x.limit_at, false) AS yes
    FROM visits_callback x WHERE {OWED}
"""
REACHED = f"""
    SELECT {last_day("x.limit_at")}, {MINE}, x.state = 'done' AS yes
    FROM visits_callback x WHERE {OWED} AND x.tried_at IS NOT NULL
"""
MOOT = f"""
    SELECT {last_day("x.limit_at")}, {MINE}, 1 AS amount FROM visits_callback x WHERE NOT ({OWED})
"""
SHEETS = """surveys_answersheet f JOIN surveys_invitation i ON i.id = f.invitation_id
    WHERE f.finished_at IS NOT NULL
    AND i.id NOT IN (SELECT resurvey_id FROM surveys_correctiveaction WHERE resurvey_id IS NOT NULL)"""
ASKED = "i.group_id AS grp, i.engineer_id AS person, i.client_id AS client"
SATISFIED = f"""
    SELECT {moment("q.given_at")}, q.grp, q.person, q.client, a.number >= 4 AS yes
    FROM (SELECT f.id, f.given_at, {ASKED} FROM {SHEETS}) q
    JOIN surveys_answer a ON a.sheet_id = q.id JOIN surveys_question u ON u.id = a.question_id
    WHERE u.kind = 'scale' AND u.dimension = 'overall' AND a.number IS NOT NULL
"""
SATISFACTION = f"""
    SELECT {moment("q.given_at")}, q.grp, q.person, q.client, q.amount
    FROM (SELECT f.given_at, f.score AS amount, {ASKED} FROM {SHEETS}) q WHERE q.amount IS NOT NULL
"""
OWNED = "x.group_id AS grp, x.owner_id AS person, x.client_id AS client"
CORRECTIVE = f"""
    SELECT {day_over("x.due_on")}, {OWNED}, NOT x.was_late AND x.verified_at IS NOT NULL AS yes
    FROM surveys_correctiveaction x WHERE x.due_on IS NOT NULL AND x.state <> 'dropped'
"""


def _over(table: str, state: str, at: str = "over_at", whose: str = OWNED) -> str:
    return f"SELECT {moment(f'x.{at}')}, {whose}, 1 AS amount FROM {table} x WHERE x.state = '{state}'"


# Quality, meetings, reports (§4.1.1, §6)


def _by_day(instant: str) -> str:
    return f"({instant} AT TIME ZONE 'Asia/Shanghai')::DATE"


FINDINGS = f"""
    SELECT {day_over("x.due_on")}, {OWNED},
        coalesce(x.state IN ('answered', 'closed') AND {_by_day("x.answered_at")} <= x.due_on, false) AS yes
    FROM audits_finding x WHERE x.state <> 'withdrawn'
"""
DANGERS = f"""
    SELECT {moment("x.raised_at")}, {GROUP}, x.raised_by_id AS person, x.client_id AS client, 1 AS amount
    FROM audits_finding x WHERE x.kind = 'danger' AND x.state <> 'withdrawn'
"""
DOCUMENTS = f"""
    SELECT {moment("c.at")}, x.group_id AS grp, d.person_id AS person, t.client_id AS client,
        c.result = 'conforms' AS yes
    FROM audits_check c JOIN audits_audit x ON x.id = c.audit_id
    LEFT JOIN audits_sampledrecord d ON d.id = c.sampled_id LEFT JOIN tickets_ticket t ON t.id = d.ticket_id
    WHERE x.kind = 'documents' AND c.result IN ('conforms', 'deviates')
"""
OF_GROUP = "x.group_id AS grp, x.owner_id AS person, NULL::BIGINT AS client"
DECISIONS = f"""
    SELECT {day_over("x.due_on")}, {OF_GROUP},
        coalesce(x.state = 'done' AND {_by_day("x.settled_at")} <= x.due_on, false) AS yes
    FROM meetings_decision x WHERE x.state <> 'dropped'
"""
WEEKLY = f"""
    SELECT {moment("x.due_at")}, {GROUP}, x.person_id AS person, NULL::BIGINT AS client,
        coalesce(x.first_submitted_at <= x.due_at, false) AS yes
    FROM meetings_weeklyreport x
"""


# The telephone exchange (§3.1)

NOBODY = "x.group_id AS grp, NULL::BIGINT AS person, NULL::BIGINT AS client"
ANSWERED = f"""
    SELECT {day_begun("x.day")}, {NOBODY}, x.answered AS amount, x.offered AS whole FROM reports_phoneday x
"""
RECORDED = f"""
    SELECT {day_begun("x.day")}, {NOBODY}, x.answered AS whole,
        (SELECT count(*) FROM tickets_ticket t WHERE t.group_id = x.group_id AND t.channel = 'phone'
            AND t.kind <> 'change' AND {_by_day("t.reported_at")} = x.day)
        + (SELECT count(*) FROM tickets_entry e JOIN tickets_ticket t ON t.id = e.ticket_id
            WHERE t.group_id = x.group_id AND e.kind = 'repeat_contact'
            AND e.changes->>'$.channel[1]' = 'phone' AND {_by_day("e.at")} = x.day) AS amount
    FROM reports_phoneday x
"""

S = Shape
OF_ROUNDS: dict[str, Words] = {
    "inspections": Words(S.SHARE, INSPECTIONS),
    "abnormal_without_record": Words(S.TOTAL, ABNORMAL),
    "shifts": Words(S.SHARE, _shifts("x.starts_at + to_minutes(coalesce(m.sign_within, 15))")),
    "handovers": Words(S.SHARE, _shifts("x.ends_at")),
    "empty_shifts": Words(S.TOTAL, EMPTY),
    "callbacks": Words(S.SHARE, CALLBACKS),
    "reached": Words(S.SHARE, REACHED),
    "callbacks_moot": Words(S.TOTAL, MOOT),
    "satisfied": Words(S.SHARE, SATISFIED),
    "satisfaction": Words(S.MEAN, SATISFACTION),
    "corrective": Words(S.SHARE, CORRECTIVE),
    "corrective_dropped": Words(S.TOTAL, _over("surveys_correctiveaction", "dropped")),
    "findings": Words(S.SHARE, FINDINGS),
    "findings_withdrawn": Words(S.TOTAL, _over("audits_finding", "withdrawn")),
    "dangers_found": Words(S.TOTAL, DANGERS),
    "documents": Words(S.SHARE, DOCUMENTS),
    "decisions": Words(S.SHARE, DECISIONS),
    "decisions_dropped": Words(S.TOTAL, _over("meetings_decision", "dropped", "settled_at", OF_GROUP)),
    "weekly_reports": Words(S.SHARE, WEEKLY),
    "answered": Words(S.RATIO, ANSWERED),
    "recorded": Words(S.RATIO, RECORDED),
}
