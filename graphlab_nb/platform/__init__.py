"""What programs ask of the system around them: command lines (`app`, `flags`), files (`gfile`) and messages (`logging`)."""
