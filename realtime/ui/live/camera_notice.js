// Shows why the live page has no picture; see camera_notice.py. connection.js comes before it.
const KINDS = {
  NotAllowedError: 'denied', SecurityError: 'denied', PermissionDeniedError: 'denied',
  NotFoundError: 'missing', DevicesNotFoundError: 'missing',
  NotReadableError: 'busy', TrackStartError: 'busy', AbortError: 'busy',
  OverconstrainedError: 'unavailable',
};
// streamlit-webrtc's own error message, which is hidden.
const ERROR = '.MuiAlert-standardError, .MuiAlert-colorError';
const STYLE = `${ERROR} { display: none !important }
  button { text-transform: none !important; box-shadow: none !important }
  .MuiPaper-root:not(.MuiAlert-root):has(> svg) { aspect-ratio: 4 / 3; width: 100%; height: auto }`;

function streamDocument() {
  const frame = document.querySelector('iframe[title*="webrtc"]');
  const inner = frame && frame.contentDocument;
  return inner && inner.head ? inner : null;
}

async function findProblem(data) {
  const { messages } = data;
  const inner = streamDocument();
  const alert = inner && inner.querySelector(ERROR);
  const error = alert ? alert.textContent : '';
  if (inner) {
    if (inner !== stream.inner) watchDocument(inner, STYLE);
    watchPhase(inner, error);
    restore(inner, data);  // not awaited: its answer may take a second
  }
  if (!window.isSecureContext || !navigator.mediaDevices) return messages.insecure;
  let permission = '';
  try { permission = (await navigator.permissions.query({ name: 'camera' })).state; } catch { }
  if (permission === 'denied') return messages.denied;
  const devices = await navigator.mediaDevices.enumerateDevices();
  if (!devices.some(device => device.kind === 'videoinput')) return messages.missing;
  if (mayReconnect(data)) return messages.reconnecting;
  if (stream.failure) return messages[stream.failure];
  if (stream.cut) return messages.interrupted;
  if (!error) return '';
  const kind = KINDS[error.split(':')[0]];
  // A camera exists and is allowed, so the error is about the microphone.
  if (kind === 'missing') return messages.microphone_missing;
  if (kind === 'denied' && permission === 'granted') return messages.microphone_denied;
  return kind ? messages[kind] : messages.other + error;
}

export default function ({ parentElement, data }) {
  const box = parentElement.querySelector('#notice');
  const update = async () => {
    let text = '';
    try { text = await findProblem(data); } catch { }
    if (box.textContent !== text) box.textContent = text;
    box.hidden = !text;
  };
  const timer = setInterval(update, 250);
  update();
  return () => clearInterval(timer);
}
