import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('departures', '0006_answers_by_question'),
    ]

    operations = [
        migrations.DeleteModel(
            name='ExitReason',
        ),
        migrations.RemoveField(
            model_name='exitanswers',
            name='batch',
        ),
        migrations.RemoveConstraint(
            model_name='exitanswers',
            name='recommend_is_zero_to_ten',
        ),
        migrations.RemoveField(
            model_name='exitanswers',
            name='improve',
        ),
        migrations.RemoveField(
            model_name='exitanswers',
            name='recommend',
        ),
        migrations.DeleteModel(
            name='AnswerBatch',
        ),
        migrations.AlterField(
            model_name='exitanswers',
            name='questionnaire',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='departures.questionnaire'),
        ),
    ]
