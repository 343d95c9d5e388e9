"""Devices, memory and programs: the only folder that imports pyopencl."""
