"""What the manager of somebody who leaves sees: their own steps of the farewell, without an account."""
