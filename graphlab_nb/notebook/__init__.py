"""What a notebook shows of a graph and its training.

The only folder that imports IPython, ipywidgets and matplotlib.
"""
