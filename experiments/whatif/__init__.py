"""What would a program really do? Twin worlds, additionality, who gains, headline against truth."""

from experiments.whatif.arms import Arm, arm, compared
from experiments.whatif.effects import Effects
from experiments.whatif.whatif import whatif

__all__ = ["Arm", "Effects", "arm", "compared", "whatif"]
