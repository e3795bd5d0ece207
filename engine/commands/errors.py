"""What a command refuses: CommandError, one sentence; the command line prints it and ends with 2."""


class CommandError(Exception):
    """A command cannot be carried out; the sentence says why."""
