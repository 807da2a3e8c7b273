// Shows why the live page has no picture; see camera_notice.py. connection.js comes before it.
const KINDS = {
  NotAllowedError: 'denied', SecurityError: 'denied', PermissionDeniedError: 'denied',
  NotFoundError: 'missing', DevicesNotFoundError: 'missing',
  NotReadableError: 'busy', TrackStartError: 'busy', AbortError: 'busy',
  OverconstrainedError: 'unavailable',
};
// streamlit-webrtc's own error message, which is hidden.
const ERROR = '.MuiAlert-standardError, .MuiAlert-colorError';
// Start lies in the middle of the picture, and Stop in its corner, as the page's style reserves one
// place of 4:3 for all of it. The camera is chosen in our own control (source.py).
const STYLE = `${ERROR}, .MuiAlert-standardWarning, .MuiButton-colorInherit,
    .MuiPaper-root:not(.MuiAlert-root) { display: none !important }
  html, body { height: 100%; margin: 0; overflow: hidden; background: transparent !important }
  video { position: fixed; inset: 0; width: 100% !important; height: 100% !important;
    object-fit: contain }
  button.MuiButton-root { position: fixed; z-index: 2; left: 50%; top: 56%;
    transform: translate(-50%, -50%); min-width: 9rem; min-height: 3.25rem; font-size: 1.15rem;
    font-weight: 600; font-family: system-ui, sans-serif; text-transform: none; border-radius: 0.6rem;
    box-shadow: 0 2px 12px rgba(0, 0, 0, 0.35) }
  html:is([data-phase=connecting], [data-phase=playing]) button.MuiButton-root { left: 0.6rem;
    top: auto; bottom: 0.6rem; transform: none; min-width: 4.5rem; min-height: 2.75rem;
    font-size: 1rem; color: #fff; border: 0; background: rgba(18, 24, 23, 0.72);
    box-shadow: none }
  button.MuiButton-root:focus-visible { outline: 3px solid #fff; outline-offset: 2px }`;

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
  const { once, kind: chosen } = window.facestreamSource ?? {};
  const source = once || chosen;
  if (source === 'screen' || source === 'sample') return connectionProblem(data, error, source);
  let permission = '';
  try { permission = (await navigator.permissions.query({ name: 'camera' })).state; } catch { }
  if (permission === 'denied') return messages.denied;
  const devices = await navigator.mediaDevices.enumerateDevices();
  if (!devices.some(device => device.kind === 'videoinput')) return messages.missing;
  const problem = connectionProblem(data, '');
  if (problem || !error) return problem;
  const kind = KINDS[error.split(':')[0]];
  // A camera exists and is allowed, so the error is about the microphone.
  if (kind === 'missing') return messages.microphone_missing;
  if (kind === 'denied' && permission === 'granted') return messages.microphone_denied;
  return kind ? messages[kind] : messages.other + error;
}

function connectionProblem(data, error, source) {
  const { messages } = data;
  if (mayReconnect(data)) return messages.reconnecting;
  if (stream.failure) return messages[stream.failure];
  if (stream.cut) return messages.interrupted;
  if (!error) return '';
  return source === 'screen' ? messages.screen_denied : messages.other + error;
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
