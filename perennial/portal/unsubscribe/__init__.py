"""Where a mail is unsubscribed from, by a button or by a mail program."""
