// Shows why the live page has no picture; see camera_notice.py.
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
const stream = { inner: null, phase: 'idle', stopped: false, failure: '' };

function streamDocument() {
  const frame = document.querySelector('iframe[title*="webrtc"]');
  const inner = frame && frame.contentDocument;
  return inner && inner.head ? inner : null;
}

// Records whether the stream ended although the user did not press Stop, and in which phase.
function watch(inner, error) {
  if (inner !== stream.inner) {
    Object.assign(stream, { inner, phase: 'idle', stopped: false, failure: '' });
    const style = inner.createElement('style');
    style.textContent = STYLE;
    inner.head.append(style);
    inner.addEventListener('click', event => {
      const button = event.target.closest('button');
      if (button && /stop/i.test(button.textContent)) stream.stopped = true;
    }, true);
  }
  const running = [...inner.querySelectorAll('button')].some(b => /stop/i.test(b.textContent));
  const phase = !running ? 'idle' : inner.querySelector('video') ? 'playing' : 'connecting';
  if (phase === 'idle' && stream.phase !== 'idle' && !stream.stopped && !error) {
    stream.failure = stream.phase === 'playing' ? 'lost' : 'unreachable';
  }
  if (phase !== 'idle' && stream.phase === 'idle') {
    Object.assign(stream, { stopped: false, failure: '' });
  }
  stream.phase = phase;
}

async function findProblem(messages) {
  const inner = streamDocument();
  const alert = inner && inner.querySelector(ERROR);
  const error = alert ? alert.textContent : '';
  if (inner) watch(inner, error);
  if (!window.isSecureContext || !navigator.mediaDevices) return messages.insecure;
  let permission = '';
  try { permission = (await navigator.permissions.query({ name: 'camera' })).state; } catch { }
  if (permission === 'denied') return messages.denied;
  const devices = await navigator.mediaDevices.enumerateDevices();
  if (!devices.some(device => device.kind === 'videoinput')) return messages.missing;
  if (stream.failure) return messages[stream.failure];
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
  const timer = setInterval(update, 500);
  update();
  return () => clearInterval(timer);
}
