"""The sandbox as a process: its options, who may call it, what it prints, and the files that it follows."""
