"""What programs ask of the system around them.

Command lines (`app`, `flags`), files (`gfile`) and messages (`logging`).
"""
