"""What is drawn and written beside a face."""
