"""Why believe a run? Lines that a simulated market passes or fails, and mutants that each must catch."""
