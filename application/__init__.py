"""The two paths, execute a command and run a projection, with the ports they need."""
