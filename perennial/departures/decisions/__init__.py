"""Whether somebody is welcome in the programme and may work here again: decided by two colleagues, never computed."""
