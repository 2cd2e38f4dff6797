"""Policies, one short file each. A scenario names them by their class name in words."""

from sim.mechanism import Program

#: Programs that scenario files may name.
PROGRAMS: tuple[type[Program], ...] = ()
