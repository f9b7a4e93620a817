"""The exit conversation in writing: the questionnaire, what is answered, the wall, and the figures in front of it."""
