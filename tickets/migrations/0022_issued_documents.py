"""Notices and reports as they were given out: rows that the database refuses to change."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


FROZEN = """
CREATE FUNCTION tickets_document_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a document that was issued is never changed';
END $$;
CREATE TRIGGER tickets_document_frozen BEFORE UPDATE OR DELETE ON tickets_issueddocument
    FOR EACH ROW EXECUTE FUNCTION tickets_document_is_frozen();
"""
NO_MORE = """
DROP TRIGGER tickets_document_frozen ON tickets_issueddocument;
DROP FUNCTION tickets_document_is_frozen();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0021_policy_first_version'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='IssuedDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('notice', 'Major-fault notice'), ('report', 'Fault report')], max_length=8, verbose_name='document')),
                ('edition', models.CharField(choices=[('internal', 'Internal'), ('client', 'For the client')], max_length=8, verbose_name='edition')),
                ('number', models.PositiveSmallIntegerField(verbose_name='issue')),
                ('language', models.CharField(choices=[('zh-hans', 'Simplified Chinese'), ('en', 'English')], max_length=10, verbose_name='language')),
                ('content', models.JSONField()),
                ('entered', models.JSONField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='document', to='tickets.entry')),
                ('ticket', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='tickets.ticket')),
            ],
            options={
                'verbose_name': 'issued document',
                'verbose_name_plural': 'issued documents',
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('ticket', 'kind', 'edition', 'number'), name='tickets_document_issue_once'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='tickets_document_issues_begin_with_one')],
            },
        ),
        migrations.RunSQL(FROZEN, NO_MORE),
    ]
