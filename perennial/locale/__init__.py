"""Our wording in other languages, and how we write days and times where Django's way is not ours."""
