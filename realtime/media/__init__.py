"""Pictures and videos in and out, with all limits on what comes from outside."""
