"""A neural network to tinker with in a notebook: data, net and training by mouse and keyboard, all computed by our engine.

`state` tells what a net is, `data` makes its examples, `net` its graph, `training` goes on step by step; `program` writes the
program that a state stands for. `trainer` does it on the idle kernel, `frames` tells a page what is new, `widget` ties them.
"""
