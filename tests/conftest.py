"""What all tests share: property tests that try the same examples on every machine."""

import hypothesis

# numba compiles at the first call, which no deadline of milliseconds would forgive
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.load_profile("ci")
