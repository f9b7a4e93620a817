"""What leavers answered in 0.1.0, carried over to answers by question; its closed batches to groups."""

from django.db import migrations
from django.utils import timezone

from perennial.departures.exit.private_words import speaks_of_private_life
from perennial.departures.exit.shipped import rows

CHUNK = 1000


def carry_over(apps, schema_editor):
    model = {
        name: apps.get_model("departures", name)
        for name in (
            "Answer",
            "AnswerBatch",
            "AnswerGroup",
            "ExitAnswers",
            "ExitReason",
            "Option",
            "Question",
            "Questionnaire",
        )
    }
    if not model["ExitAnswers"].objects.exists() and not model["AnswerBatch"].objects.exists():
        return
    version, questions, reasons = _first_version(model)
    model["ExitAnswers"].objects.update(questionnaire=version)
    groups = _groups(model)
    last = 0
    while chunk := list(model["ExitAnswers"].objects.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = chunk[-1].pk
        _carry(model, chunk, groups, questions, reasons)
    _sums(model)


def _first_version(model):
    now = timezone.now()
    version = model["Questionnaire"].objects.create(
        number=1, state="published", made_by="system", made_at=now, published_by="system", published_at=now
    )
    questions, reasons = {}, {}
    for fields, options in rows():
        question = model["Question"].objects.create(questionnaire=version, **fields)
        questions[question.code] = question
        for option in options:
            made = model["Option"].objects.create(question=question, **option)
            if question.code == "reason":
                reasons[made.code] = made
    return version, questions, reasons


def _groups(model):
    return {
        batch.pk: model["AnswerGroup"].objects.create(
            question="recommend",
            kind="scale",
            closed_at=batch.closed_at,
            n=batch.promoters + batch.passives + batch.detractors,
            promoters=batch.promoters,
            passives=batch.passives,
            detractors=batch.detractors,
        )
        for batch in model["AnswerBatch"].objects.order_by("closed_at", "pk")
    }


def _carry(model, chunk, groups, questions, reasons):
    carried = []
    for row in chunk:
        if row.recommend is not None:
            carried.append(
                model["Answer"](
                    answers=row, question=questions["recommend"], number=row.recommend, group=groups.get(row.batch_id)
                )
            )
        if row.improve:
            review = "waits" if speaks_of_private_life(row.improve) else ""
            carried.append(
                model["Answer"](answers=row, question=questions["improve"], text=row.improve, review=review)
            )
    given = model["ExitReason"].objects.filter(answers__in=chunk).order_by("pk")
    carried += [
        model["Answer"](answers_id=each.answers_id, question=questions["reason"], option=reasons[each.code])
        for each in given
    ]
    model["Answer"].objects.bulk_create(carried, batch_size=CHUNK)


def _sums(model):
    """Sum and squares of those groups of which nobody was erased: the others keep what was counted."""
    for group in model["AnswerGroup"].objects.all():
        numbers = list(model["Answer"].objects.filter(group=group).values_list("number", flat=True))
        if len(numbers) == group.n:
            group.total, group.squares = sum(numbers), sum(number * number for number in numbers)
            group.save()


class Migration(migrations.Migration):

    dependencies = [
        ('departures', '0005_questionnaire'),
    ]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
