"""One drawing style: boxes, mesh, captions and colours."""
