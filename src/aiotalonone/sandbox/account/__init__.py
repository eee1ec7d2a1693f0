"""What an account is set to, beside its campaigns: programs, settings, the types of attributes."""
