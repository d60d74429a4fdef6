// Every test here runs the binary in a home of its own.
@_exported import TerminalHarness
