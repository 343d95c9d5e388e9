"""Sessions on a cluster, by Ray: the only folder that imports ray, and only when a cluster is used."""
