"""The app in a real Chromium with a fake webcam."""
