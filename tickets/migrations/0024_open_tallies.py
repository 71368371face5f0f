"""How many records are open, added up by group, status and when they are due, so that no queue is scanned.

And an index that alone answers how old they are.
"""

import django.db.models.deletion
from django.db import migrations, models

SPAN = "date_bin('4 hours', {}, TIMESTAMPTZ '2000-01-01 00:00:00+00')"
FACTS = f"{{0}}.group_id, {{0}}.status, {SPAN.format('{0}.next_due_at')}"

FUNCTIONS = f"""
CREATE FUNCTION tickets_tally_open(record tickets_ticket, step integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO tickets_opentally (group_id, status, since, number)
    SELECT {FACTS.format("record")}, step WHERE record.next_due_at IS NOT NULL
$$;

CREATE FUNCTION tickets_count_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM tickets_tally_open(OLD, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM tickets_tally_open(NEW, 1);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER tickets_count_open AFTER INSERT OR DELETE ON tickets_ticket
    FOR EACH ROW EXECUTE FUNCTION tickets_count_open();
CREATE TRIGGER tickets_count_changed_open AFTER UPDATE ON tickets_ticket FOR EACH ROW
    WHEN (({FACTS.format("OLD")}) IS DISTINCT FROM ({FACTS.format("NEW")}))
    EXECUTE FUNCTION tickets_count_open();

CREATE FUNCTION tickets_count_open_anew() RETURNS void LANGUAGE sql AS $$
    LOCK TABLE tickets_ticket IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM tickets_opentally;
    INSERT INTO tickets_opentally (group_id, status, since, number)
    SELECT {FACTS.format("record")}, count(*) FROM tickets_ticket AS record
    WHERE next_due_at IS NOT NULL AND status NOT IN ('closed', 'merged') GROUP BY 1, 2, 3;
$$;
SELECT tickets_count_open_anew();
"""
NO_FUNCTIONS = """
DROP TRIGGER tickets_count_open ON tickets_ticket;
DROP TRIGGER tickets_count_changed_open ON tickets_ticket;
DROP FUNCTION tickets_count_open_anew(), tickets_count_open(), tickets_tally_open(tickets_ticket, integer);
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0023_the_watch"), ("staff", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="OpenTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("status", models.CharField(max_length=12)),
                ("since", models.DateTimeField()),
                ("number", models.IntegerField()),
                (
                    "group",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="staff.group"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["group", "status", "since"], include=["number"], name="tickets_opentally_since"
                    )
                ],
            },
        ),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("status__in", ("closed", "merged")), _negated=True),
                fields=["group", "grade", "reported_at"],
                include=["id", "status", "next_due_at"],
                name="tickets_open_by_age",
            ),
        ),
    ]
