"""What a process that was killed while it indexed costs; nothing of it may show afterwards."""
