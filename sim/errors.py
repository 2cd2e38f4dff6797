"""The one tree of errors: every mistake a user can make is an ``EtalaseError`` with one clear line."""


class EtalaseError(Exception):
    """Something that the caller can put right; the message says what, where, and what to do."""


class ParameterError(EtalaseError, ValueError):
    """A parameter has a value that the model cannot run with."""


class ScenarioError(EtalaseError, ValueError):
    """A scenario cannot be read, or does not make sense."""


class ResultsError(EtalaseError):
    """A results folder cannot be written or read."""


class MechanismError(EtalaseError):
    """A mechanism breaks a promise that every mechanism must keep."""


class LedgerError(EtalaseError):
    """The books do not close: a fault of the model, never of its user."""
