"""The figures that the repository's own commands wrote, read for the pages; none is made here."""
