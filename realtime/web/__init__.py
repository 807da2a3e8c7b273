"""A small web page and a JSON API over the same pipeline as the photo page, served by Flask."""
