"""Management commands: doors that turn flags into calls of the apps."""
