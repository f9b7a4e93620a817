"""What is held of the employer and its programme. Nothing of it is about a person on file."""

from perennial.kernel.privacy import Erased, Held, Privacy

_STRUCTURE = "How the employer is built; it tells of nobody."

HELD = (
    Held(
        model="programme.programme",
        fields={
            Privacy.NONE: "organisation postal_address privacy_notice language time_zone aims purposes stage"
            " sender_address privacy_contact quiet_from quiet_until minimum_group lets_go_by_itself set_up_at demo",
            Privacy.COLLEAGUE: "owner",
            Privacy.SECRET: "set_up_random",
            Privacy.KEY: "id",
        },
        erased=Erased.NOT_THEIRS,
        why="The settings of the programme.",
    ),
    Held(
        model="programme.retentionterm",
        fields={
            Privacy.NONE: "country kind amount unit why starts_on created_at",
            Privacy.COLLEAGUE: "by",
            Privacy.KEY: "id",
        },
        erased=Erased.NOT_THEIRS,
        why="For how long kinds of data are kept, as a coordinator set it.",
    ),
    Held(
        model="programme.addition",
        fields={Privacy.NONE: "section text at", Privacy.COLLEAGUE: "by", Privacy.KEY: "id"},
        erased=Erased.NOT_THEIRS,
        why="What the employer adds to the register of processing, with every former version.",
    ),
    Held(
        model="programme.interestrecord",
        fields={
            # Who decided is a colleague or a board, named as the employer names them.
            Privacy.NONE: "processing version interest necessity balancing prevails decided_on review_on at",
            Privacy.COLLEAGUE: "decided_by by",
            Privacy.KEY: "id",
        },
        erased=Erased.NOT_THEIRS,
        why="Why something may be done on grounds of legitimate interest, with every former version.",
    ),
    Held(
        model="programme.councilanswer",
        fields={
            Privacy.NONE: "country gate outcome answered_on note at",
            Privacy.COLLEAGUE: "by",
            Privacy.KEY: "id",
        },
        erased=Erased.NOT_THEIRS,
        why="What those who represent the staff said before it began, country by country.",
    ),
    Held(
        model="programme.topic",
        fields={Privacy.NONE: "purpose names position added_at retired_at", Privacy.KEY: "id"},
        erased=Erased.NOT_THEIRS,
        why="What letters may be about; who would rather not read of it stands with their choices.",
    ),
    Held(
        model="programme.department",
        fields={Privacy.NONE: "name", Privacy.KEY: "id parent"},
        erased=Erased.NOT_THEIRS,
        why=_STRUCTURE,
    ),
    Held(
        model="programme.place",
        fields={Privacy.NONE: "name city country", Privacy.KEY: "id"},
        erased=Erased.NOT_THEIRS,
        why=_STRUCTURE,
    ),
    Held(
        model="programme.departmentalias",
        fields={Privacy.NONE: "name since", Privacy.KEY: "id department"},
        erased=Erased.NOT_THEIRS,
        why="Former names, so that a list which still writes them means the same department.",
    ),
    Held(
        model="programme.placealias",
        fields={Privacy.NONE: "name since", Privacy.KEY: "id place"},
        erased=Erased.NOT_THEIRS,
        why="Former names, so that a list which still writes them means the same place.",
    ),
    Held(
        model="programme.mergeddepartment",
        fields={Privacy.KEY: "id former_id department"},
        erased=Erased.NOT_THEIRS,
        why="Which department stands for one that was merged away.",
    ),
    Held(
        model="programme.mergedplace",
        fields={Privacy.KEY: "id former_id place"},
        erased=Erased.NOT_THEIRS,
        why="Which place stands for one that was merged away.",
    ),
    Held(
        model="programme.chapter",
        fields={Privacy.NONE: "name city country started_at ended_at", Privacy.KEY: "id department"},
        erased=Erased.NOT_THEIRS,
        why="A circle by department, city or country; who is in it follows from people's records and stands nowhere.",
    ),
    Held(
        model="programme.chapterhost",
        fields={Privacy.COLLEAGUE: "host", Privacy.KEY: "id chapter"},
        erased=Erased.NOT_THEIRS,
        why="Which colleague welcomes the people of a chapter.",
    ),
)
