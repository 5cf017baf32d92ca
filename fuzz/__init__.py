"""Fuzzing by coverage: `make fuzz MINUTES=30` (extra `fuzz`). Bytes go in at a door of `doors.py`;
what comes out but the errors that the door promises is a fault. An input that fails is written
to `fuzz/crashes`, and becomes a case in tests/security/fuzz_cases: DOOR-anything.
"""
