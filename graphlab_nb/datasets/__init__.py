"""Data sets that come with the package and their readers: `graphlab_nb.datasets.mnist`."""
