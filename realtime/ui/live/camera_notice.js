// Says in words why the live page has no picture; see camera_notice.py.
const KINDS = {
  NotAllowedError: 'denied', SecurityError: 'denied', PermissionDeniedError: 'denied',
  NotFoundError: 'missing', DevicesNotFoundError: 'missing',
  NotReadableError: 'busy', TrackStartError: 'busy', AbortError: 'busy',
  OverconstrainedError: 'unfit',
};
const ERROR = '.MuiAlert-standardError, .MuiAlert-colorError';
const STYLE = `${ERROR} { display: none !important }
  button { text-transform: none !important; box-shadow: none !important }
  .MuiPaper-root:not(.MuiAlert-root):has(> svg) { aspect-ratio: 4 / 3; width: 100%; height: auto }`;
const seen = { inner: null, phase: 'idle', stopped: false, broke: '' };

function streamDocument() {
  const frame = document.querySelector('iframe[title*="webrtc"]');
  const inner = frame && frame.contentDocument;
  return inner && inner.head ? inner : null;
}

// Notes whether the stream came to its end without the user's Stop, and in which phase.
function follow(inner, error) {
  if (inner !== seen.inner) {
    Object.assign(seen, { inner, phase: 'idle', stopped: false, broke: '' });
    const style = inner.createElement('style');
    style.textContent = STYLE;
    inner.head.append(style);
    inner.addEventListener('click', event => {
      const button = event.target.closest('button');
      if (button && /stop/i.test(button.textContent)) seen.stopped = true;
    }, true);
  }
  const running = [...inner.querySelectorAll('button')].some(b => /stop/i.test(b.textContent));
  const phase = !running ? 'idle' : inner.querySelector('video') ? 'playing' : 'connecting';
  if (phase === 'idle' && seen.phase !== 'idle' && !seen.stopped && !error) {
    seen.broke = seen.phase === 'playing' ? 'lost' : 'unreachable';
  }
  if (phase !== 'idle' && seen.phase === 'idle') Object.assign(seen, { stopped: false, broke: '' });
  seen.phase = phase;
}

async function problem(say) {
  const inner = streamDocument();
  const alert = inner && inner.querySelector(ERROR);
  const error = alert ? alert.textContent : '';
  if (inner) follow(inner, error);
  if (!window.isSecureContext || !navigator.mediaDevices) return say.insecure;
  let permission = '';
  try { permission = (await navigator.permissions.query({ name: 'camera' })).state; } catch { }
  if (permission === 'denied') return say.denied;
  const devices = await navigator.mediaDevices.enumerateDevices();
  if (!devices.some(device => device.kind === 'videoinput')) return say.missing;
  if (seen.broke) return say[seen.broke];
  if (!error) return '';
  const kind = KINDS[error.split(':')[0]];
  // The camera is there and allowed, so it is the microphone that is not.
  if (kind === 'missing') return say.voiceless;
  if (kind === 'denied' && permission === 'granted') return say.muted;
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
  const timer = setInterval(look, 500);
  look();
  return () => clearInterval(timer);
}
