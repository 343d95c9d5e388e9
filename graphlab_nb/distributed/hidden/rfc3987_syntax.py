"""Stands before a package of this name in a cluster's processes.

Ray imports jsonschema, which imports that package where JupyterLab has brought it; building its parser takes a second or more
in every process. Without it jsonschema does not check one format, of internationalized addresses, that nobody uses there.
"""

raise ImportError("rfc3987_syntax is left out of a cluster's processes")
