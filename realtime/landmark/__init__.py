"""Where the parts of a face are: the mesh, and the crops that follow from it."""
