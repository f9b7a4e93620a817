"""The demo organisation: half a year of a programme. Nobody in it is real. Mail is kept, never sent."""
