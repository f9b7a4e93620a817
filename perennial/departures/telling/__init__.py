"""'You said, we did': what came of themes of the exit answers, told to everybody who agreed to hear it."""
