from django.db import migrations


class Migration(migrations.Migration):
    """A draft's duties have their own times, and a duty may have several shifts a day."""

    dependencies = [
        ('duty', '0006_feeds'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='rosterdraft',
            name='starts',
        ),
        migrations.RemoveField(
            model_name='rosterdraft',
            name='ends',
        ),
    ]
