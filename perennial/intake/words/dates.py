"""Words in and around dates that are written out, and those that say 'for ever'."""

from perennial.intake.words import word_set

MONTHS_BY_LANGUAGE = (
    "january february march april may june july august september october november december",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan febr mrt apr mei jun jul aug sept okt nov dec",
    "jän feb mär apr mai jun jul aug sep okt nov dez",
    "янв фев мар апр май июн июл авг сен окт ноя дек",
    "янв февр март апр мая июня июля авг сент окт нояб дек",
    "jänner feber mrz apr mai jun jul aug sept okt nov dez",
    "januari februari maerz april mei juni juli augustus september oktober november december",
)

# Words that may stand around a date written out.
DATE_FILLERS = word_set(
    """
    st nd rd th e de of der den г года год the mon monday tue tues tuesday wed wednesday thu thur thurs
    thursday fri friday sat saturday sun sunday ma maandag di dinsdag wo woensdag do donderdag vr vrijdag za
    zaterdag zo zondag mo montag dienstag mi mittwoch donnerstag freitag sa samstag so sonntag пн понедельник
    вт вторник ср среда чт четверг пт пятница сб суббота вс воскресенье
    """
)

NEVER = word_set(
    """
    unlimited indefinite permanent onbepaald onbeperkt unbefristet unbegrenzt бессрочно бессрочный present
    heden heute
    """
)
