"""The network, by hand: layers, losses, optimizers, schedules."""
