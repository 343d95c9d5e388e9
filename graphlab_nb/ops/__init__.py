"""Operations, one file per family: each is a definition with shape rule, launch and gradient, and its public function."""
