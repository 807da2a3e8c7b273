"""Why the camera gives no picture, in a plain sentence, and the way back.

Only the browser knows: whether the page may ask for a camera, whether the user let it, whether
there is one. streamlit-webrtc shows the bare name of the browser's error; this component reads
the same facts once a second, says them in words and hides that error.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

SENTENCES = {
    "insecure": (
        "Your browser gives cameras only to secure pages. Open this page over https, or on the "
        "server itself at http://localhost."
    ),
    "denied": (
        "This page may not use your camera. Click the camera or lock symbol beside the address, "
        "allow the camera, then press Start again."
    ),
    "missing": "No camera was found. Connect one, then press Start again.",
    "busy": (
        "The camera gives no picture: another program may be using it. Close that program, then "
        "press Start again."
    ),
    "unfit": (
        "The camera you chose does not answer. Press “Choose camera”, pick another, then press "
        "Start again."
    ),
    "other": "The stream could not start. Press Start to try again. Your browser says: ",
}

_HTML = '<div id="notice" role="alert" hidden></div>'
_CSS = """
#notice {
  padding: 0.75rem 1rem; border-radius: 0.5rem; line-height: 1.45;
  border-left: 4px solid #d55e00; color: var(--st-text-color);
  background: var(--st-secondary-background-color);
}
"""
_JS = """
const KINDS = {
  NotAllowedError: 'denied', SecurityError: 'denied', PermissionDeniedError: 'denied',
  NotFoundError: 'missing', DevicesNotFoundError: 'missing',
  NotReadableError: 'busy', TrackStartError: 'busy', AbortError: 'busy',
  OverconstrainedError: 'unfit',
};
const ERROR = '.MuiAlert-standardError, .MuiAlert-colorError';

// The error that the stream's own frame shows; hidden there, because it is said here in words.
function shownError() {
  for (const frame of document.querySelectorAll('iframe[title*="webrtc"]')) {
    const inner = frame.contentDocument;
    if (!inner || !inner.head) continue;
    if (!inner.getElementById('no-bare-errors')) {
      const style = inner.createElement('style');
      style.id = 'no-bare-errors';
      style.textContent = ERROR + ' { display: none !important }';
      inner.head.append(style);
    }
    const error = inner.querySelector(ERROR);
    if (error) return error.textContent;
  }
  return '';
}

async function problem(say) {
  const error = shownError();
  if (!window.isSecureContext || !navigator.mediaDevices) return say.insecure;
  let permission = '';
  try { permission = (await navigator.permissions.query({ name: 'camera' })).state; } catch { }
  if (permission === 'denied') return say.denied;
  const devices = await navigator.mediaDevices.enumerateDevices();
  if (!devices.some(device => device.kind === 'videoinput')) return say.missing;
  if (!error) return '';
  const kind = KINDS[error.split(':')[0]];
  return kind ? say[kind] : say.other + error;
}

export default function ({ parentElement, data }) {
  const box = parentElement.querySelector('#notice');
  const look = async () => {
    let text = '';
    try { text = await problem(data); } catch { }
    if (box.textContent !== text) box.textContent = text;
    box.hidden = !text;
  };
  const timer = setInterval(look, 1000);
  look();
  return () => clearInterval(timer);
}
"""


@cache
def _component() -> Any:
    return st.components.v2.component("camera_notice", html=_HTML, css=_CSS, js=_JS)


def camera_notice() -> None:
    """Keep a place on the page where what is wrong with the camera is said, if anything is."""
    _component()(key="camera-notice", data=SENTENCES)
