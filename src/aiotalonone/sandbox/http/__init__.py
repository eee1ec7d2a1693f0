"""One request: what an operation gets and returns, who may call it, which errors and replays there are."""
