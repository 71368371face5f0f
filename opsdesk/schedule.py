"""The one schedule: what Celery beat starts, each entry keyed by the sentence it fulfils.

Beat only wakes workers up. Each task looks in Postgres for what is due, so a missed tick is made good by the
next one, and a tick that comes twice finds nothing left to do.
"""

from datetime import timedelta

from celery.schedules import crontab

SCHEDULE = {
    "every second, due clocks are marked and reported up (§5.4)": {
        "task": "tickets.tasks.enforce_deadlines",
        "schedule": timedelta(seconds=1),
        "options": {"expires": 3, "queue": "deadlines"},
    },
    "every second, waiting notices are delivered": {
        "task": "staff.tasks.deliver_notices",
        "schedule": timedelta(seconds=1),
        "options": {"expires": 3},
    },
    "every second, waiting e-mails to clients leave the house": {
        "task": "tickets.tasks.post_mail",
        "schedule": timedelta(seconds=1),
        "options": {"expires": 3},
    },
    "every ten seconds, the coordination meetings that a report-up asks for are convened (§5.4.1.2)": {
        "task": "tickets.tasks.convene_meetings",
        "schedule": timedelta(seconds=10),
        "options": {"expires": 9},
    },
    "every second, what-if runs over the past are carried on (§5.4)": {
        "task": "tickets.tasks.rehearse",
        "schedule": timedelta(seconds=1),
        "options": {"expires": 3},
    },
    "every ten seconds, the counts kept for the figures are brought up to date (§3.2)": {
        "task": "reports.tasks.keep_counts",
        "schedule": timedelta(seconds=10),
        "options": {"expires": 9},
    },
    "every half minute, the mailbox that clients write to is read (§3.1)": {
        "task": "tickets.tasks.read_mail",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 25},
    },
    "every half minute, windows of remote access are looked at, and passwords past them destroyed (§4.2.2)": {
        "task": "tickets.tasks.watch_windows",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 25},
    },
    "every minute, the auditor looks for records that could sink (§3.2)": {
        "task": "tickets.tasks.audit_records",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every minute, overruns that are new or wait too long are told of (§3.2)": {
        "task": "tickets.tasks.tend_overruns",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every minute, measures of coordination meetings that are overdue are told of (§5.4.1.2)": {
        "task": "tickets.tasks.tend_follow_ups",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every minute, inspections are written ahead, and those due or missed are told of (§5.1)": {
        "task": "duty.tasks.tend_inspections",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every minute, those whose change of duty nobody has signed in time are told (§5.1)": {
        "task": "tickets.tasks.tend_handovers",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every minute, windows of changes that open soon are told of": {
        "task": "tickets.tasks.tend_changes",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every minute, those who have closed a record are no longer shown in front of it": {
        "task": "tickets.tasks.forget_absent",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every minute, records are found under the new names of clients, systems and contacts": {
        "task": "tickets.tasks.follow_names",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every minute, gaps ahead and holidays without cover are told of (§5.5)": {
        "task": "duty.tasks.raise_alarms",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every minute, people hear of changed duties and are reminded of those that begin (§5.1)": {
        "task": "duty.tasks.remind_people",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every minute, callbacks are drawn, written ahead, reminded of and reported up (§5.3)": {
        "task": "visits.tasks.tend_callbacks",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every minute, weekly reports are drafted, asked for, and told of where they are late (§6.2)": {
        "task": "meetings.tasks.tend_reports",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every minute, missed audits and findings that wait too long are told of (§4.1.1)": {
        "task": "audits.tasks.tend_audits",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every hour, the tallies behind the queues and the weekly meeting are added up (§6.1)": {
        "task": "tickets.tasks.add_up_tallies",
        "schedule": timedelta(hours=1),
        "options": {"expires": 600},
    },
    "every hour, rosters are written out sixty days ahead (§5.1)": {
        "task": "duty.tasks.write_rosters",
        "schedule": timedelta(hours=1),
        "options": {"expires": 600},
    },
    "every hour, answers kept for repeated requests are forgotten after a day": {
        "task": "staff.tasks.forget_idempotency_keys",
        "schedule": timedelta(hours=1),
        "options": {"expires": 600},
    },
    "every hour, the people of contracts that end soon are reminded (§2.2)": {
        "task": "clients.tasks.remind_of_renewals",
        "schedule": timedelta(hours=1),
        "options": {"expires": 600},
    },
    "every day at 03:30, files that nothing has claimed are deleted": {
        "task": "staff.tasks.sweep_shelf",
        "schedule": crontab(hour=3, minute=30),
        "options": {"expires": 3600},
    },
    "every day at 08:00, next year's working calendar is checked (§5.5)": {
        "task": "duty.tasks.check_calendar",
        "schedule": crontab(hour=8, minute=0),
        "options": {"expires": 3600},
    },
    "every minute, surveys are drawn, sent, reminded of, and end without an answer (§4.1.2)": {
        "task": "surveys.tasks.tend_surveys",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every five seconds, waiting e-mails with surveys leave the house (§4.1.2)": {
        "task": "surveys.tasks.post_surveys",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "every minute, corrective actions are opened, and those that wait are told of (§4.3)": {
        "task": "surveys.tasks.tend_corrective",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every minute, suggestions for the process whose answer is overdue are told of (§1.1)": {
        "task": "audits.tasks.tend_suggestions",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every five seconds, answers about corrective actions leave the house (§4.3)": {
        "task": "surveys.tasks.post_corrective",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "every minute, assessments of the month that is over are drafted, and final after their term (§5.2)": {
        "task": "reports.tasks.tend_assessments",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every minute, weekly meetings are written ahead, invited to and frozen (§6.1.1)": {
        "task": "meetings.tasks.tend_meetings",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
    "every minute, months over since the 1st, 02:00, are reported on, and late reports told of (§5.2)": {
        "task": "reports.tasks.tend_monthly",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 30},
    },
}
