"""The history refuses to be rewritten, and ticket numbers have five digits from the first on."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION tickets_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of a maintenance record is append-only';
END $$;
CREATE TRIGGER tickets_entry_append_only BEFORE UPDATE OR DELETE ON tickets_entry
    FOR EACH ROW EXECUTE FUNCTION tickets_entry_is_append_only();
"""
NO_MORE = """
DROP TRIGGER tickets_entry_append_only ON tickets_entry;
DROP FUNCTION tickets_entry_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]

    operations = [
        migrations.RunSQL(APPEND_ONLY, NO_MORE),
        migrations.RunSQL(
            "ALTER TABLE tickets_ticket ALTER COLUMN id RESTART WITH 10001", migrations.RunSQL.noop
        ),
    ]
