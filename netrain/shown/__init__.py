"""What people see in a terminal: the outline before a training, the view while it goes on, the summary behind it."""
