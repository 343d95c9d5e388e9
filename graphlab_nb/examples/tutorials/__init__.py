"""The tutorials' programs."""
