"""On what somebody signed in, just so finely that they know their device again: browser and system, no version."""

# In the order in which they are looked for: browsers name those they are like, too.
_BROWSERS = (
    (("Edg/", "EdgA/", "EdgiOS/"), "Edge"),
    (("OPR/",), "Opera"),
    (("SamsungBrowser/",), "Samsung Internet"),
    (("Firefox/", "FxiOS/"), "Firefox"),
    (("Chrome/", "CriOS/", "Chromium/"), "Chrome"),
    (("Safari/",), "Safari"),
)
_SYSTEMS = (
    (("iPhone", "iPad", "iPod"), "iOS"),
    (("Android",), "Android"),
    (("Windows",), "Windows"),
    (("CrOS",), "ChromeOS"),
    (("Macintosh", "Mac OS X"), "macOS"),
    (("Linux",), "Linux"),
)


def device_of(user_agent: str) -> str:
    """'Firefox/Windows' of what a browser says of itself; 'Firefox/', '/Windows' or '' where less is known.

    Nothing of the text itself is in it.
    """
    browser, system = (_first(known, user_agent) for known in (_BROWSERS, _SYSTEMS))
    return f"{browser}/{system}" if browser or system else ""


def _first(known: tuple[tuple[tuple[str, ...], str], ...], text: str) -> str:
    return next((name for signs, name in known if any(sign in text for sign in signs)), "")
