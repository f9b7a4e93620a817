"""The farewell: checklists by how somebody leaves, the steps of each departure, the manager's part, and reminders."""
