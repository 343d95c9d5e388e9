"""The dataflow graph as pure data: operations, tensors, scopes. Nothing here computes or knows a device."""
