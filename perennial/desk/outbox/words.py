"""How a message's state is shown: a sign, a colour and a word."""

from perennial.mail.enums import MessageState

# Kind and icon of the badge; the word is the state's own label.
BADGES: dict[str, tuple[str, str]] = {
    MessageState.QUEUED: ("later", "clock"),
    MessageState.SENDING: ("info", "mail-forward"),
    MessageState.SENT: ("yes", "check"),
    MessageState.KEPT: ("info", "mail"),
    MessageState.UNCERTAIN: ("amber", "alert-triangle"),
    MessageState.FAILED: ("no", "alert-circle"),
    MessageState.SKIPPED: ("no", "ban"),
}
SHOWN: tuple[MessageState, ...] = tuple(MessageState(state) for state in BADGES)
