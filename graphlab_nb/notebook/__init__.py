"""What a notebook shows of a graph and its training; the only folder that imports IPython, ipywidgets and matplotlib."""
