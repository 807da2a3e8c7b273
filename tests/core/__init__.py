"""What flows between the stages."""
