"""For whom the programme is: a rule over the record, or people chosen one by one (requirements PRG-5)."""
