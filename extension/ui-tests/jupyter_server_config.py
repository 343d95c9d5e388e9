"""A JupyterLab for the tests: no token, a folder of its own, and galata's hooks."""

import os
import tempfile

from jupyterlab.galata import configure_jupyter_server

c = get_config()  # noqa: F821
configure_jupyter_server(c)
c.ServerApp.root_dir = os.environ.get("GLNB_UI_ROOT", tempfile.mkdtemp(prefix="graphlab-nb-ui-"))
c.ServerApp.port = int(os.environ.get("GLNB_UI_PORT", "8899"))
c.ServerApp.port_retries = 0
