// Watches the stream's connection and restores it after a cut; part of camera_notice.py.
// It runs in the browser because the server may be what was lost.
const SILENT_MS = 500;  // without a new picture; then the server is asked whether it is there
const HEALTH_MS = 500;
const READOUT_MS = 1250;
const RETRY_MS = 2000;
const ANSWER_MS = 20000;  // then the offer was lost, or nothing gets through
const CHECK_MS = 1000;
// Longer than TCP takes to continue after a cut of 30 s; a connection replaced while the server
// still believes in it begins a new session.
const DEAF_MS = 25000;

const stream = {
  inner: null,  // the document of streamlit-webrtc's iframe
  phase: 'idle',
  stopped: false,  // by the visitor
  failure: '',
  frames: 0,
  frameMs: 0,  // when the latest picture was shown
  cut: false,  // whether pictures and server are missing
  lostMs: 0,  // when a connected stream was lost; 0 if it was not, and again with a picture
  triedMs: 0,
  checkedMs: 0,
  answersMs: 0,  // since when the server answers again; 0 if it does not
  asking: false,
};

function findButton(inner, name) {
  return [...inner.querySelectorAll('button')].find(button => name.test(button.textContent));
}

function press(inner, name) {
  const button = findButton(inner, name);
  if (!button || button.disabled) return;
  stream.triedMs = Date.now();
  button.click();
}

// For the page's other components: `once` is a source for this start only, see source.js.
function start(once = '') {
  const { inner } = stream;
  if (!inner) return;
  stream.lostMs = 0;
  if (window.facestreamSource) window.facestreamSource.once = once;
  press(inner, /start/i);
}

function stop() {
  Object.assign(stream, { stopped: true, lostMs: 0 });
  if (stream.inner) press(stream.inner, /stop/i);
}

function watchDocument(inner, style) {
  const own = { phase: 'idle', stopped: false, failure: '', frames: 0, cut: false, lostMs: 0 };
  Object.assign(stream, own, { inner });
  const element = inner.createElement('style');
  element.textContent = style;
  inner.head.append(element);
  inner.addEventListener('click', event => {
    const button = event.target.closest('button');
    if (!event.isTrusted || !button) return;
    stream.lostMs = 0;
    if (/stop/i.test(button.textContent)) stream.stopped = true;
    else if (window.facestreamSource) window.facestreamSource.once = '';
  }, true);
  watchCamera(inner);
  bePatient(inner.defaultView);
}

// The track of a camera that is unplugged ends. Its stream would only stand still, and the server
// wait for frames.
function watchCamera(inner) {
  const media = inner.defaultView.navigator.mediaDevices;
  if (!media) return;
  const open = media.getUserMedia.bind(media);
  media.getUserMedia = async (...constraints) => {
    const camera = await open(...constraints);
    for (const track of camera.getVideoTracks()) {
      track.addEventListener('ended', () => {
        Object.assign(stream, { stopped: true, failure: 'unplugged', lostMs: 0 });
        press(inner, /stop/i);
      });
    }
    return camera;
  };
}

// Records whether the stream ended although the visitor did not press Stop, and in which phase.
function watchPhase(inner, error) {
  const video = inner.querySelector('video');
  const phase = !findButton(inner, /stop/i) ? 'idle' : video ? 'playing' : 'connecting';
  if (phase === 'idle' && stream.phase !== 'idle' && !stream.stopped && !error) {
    stream.failure = stream.phase === 'playing' ? 'lost' : 'unreachable';
    if (stream.phase === 'playing') {  // also if it ended before its first picture
      Object.assign(stream, { lostMs: stream.lostMs || Date.now(), triedMs: 0, answersMs: 0 });
    }
  }
  if (phase !== 'idle' && stream.phase === 'idle') {
    Object.assign(stream, { stopped: false, failure: '', frames: 0, cut: false });
  }
  if (error) stream.lostMs = 0;
  stream.phase = phase;
  showPhase(inner);
  if (phase === 'playing') watchPictures(video);
}

// The page's style shows the sample, the waiting note or nothing by this. A stream that plays but
// has no picture yet is still connecting.
function showPhase(inner) {
  const { phase, frames } = stream;
  const shown = phase === 'playing' && !frames ? 'connecting' : phase;
  inner.documentElement.dataset.phase = shown;
  const area = document.querySelector('.st-key-live-picture');
  if (area) area.dataset.phase = shown;
}

function watchPictures(video) {
  // A browser that draws itself (overlay.js) gets results instead of pictures.
  const results = window.facestreamOverlay ? window.facestreamOverlay.results : 0;
  const frames = video.getVideoPlaybackQuality().totalVideoFrames + results;
  const waiting = frames === stream.frames && !document.hidden;  // hidden pages show none
  if (waiting) return;
  Object.assign(stream, { frames, frameMs: Date.now(), cut: false, answersMs: 0 });
  patience.peer = null;
  if (frames) stream.lostMs = 0;
}

async function serverAnswers(url) {
  try {
    const signal = AbortSignal.timeout(HEALTH_MS);
    return (await fetch(url, { cache: 'no-store', signal })).ok;
  } catch {
    return false;
  }
}

function pageConnected() {
  const app = document.querySelector('[data-testid="stApp"]');
  return !!app && app.dataset.testConnectionState === 'CONNECTED';
}

// A stream lost for longer waits for Start: the camera must not turn on hours later.
function mayReconnect({ reconnect_s }) {
  return stream.lostMs > 0 && Date.now() - stream.lostMs < reconnect_s * 1e3;
}

async function restore(inner, data) {
  if (stream.asking) return;
  stream.asking = true;
  try {
    if (mayReconnect(data)) await reconnect(inner, data);
    else if (stream.phase === 'playing' && stream.frames && silentMs() > SILENT_MS) {
      const { frameMs } = stream;
      const answers = await serverAnswers(data.health);
      const deafMs = Date.now() - page.heardMs;  // the readout is refreshed twice a second
      if (frameMs !== stream.frameMs) return;
      stream.cut = !answers || deafMs > READOUT_MS;
      stream.answersMs = answers ? stream.answersMs || Date.now() : 0;
      losePatience(stream.answersMs);
    }
  } finally {
    stream.asking = false;
  }
}

function silentMs() {
  return Date.now() - stream.frameMs;
}

async function reconnect(inner, data) {
  if (Date.now() - stream.checkedMs < CHECK_MS) return;
  stream.checkedMs = Date.now();
  if (!await serverAnswers(data.health)) {
    stream.answersMs = 0;
    return;
  }
  stream.answersMs = stream.answersMs || Date.now();
  const triedMs = Date.now() - stream.triedMs;
  if (!mayReconnect(data)) return;
  if (Date.now() - Math.max(stream.answersMs, page.heardMs) > DEAF_MS) {
    stream.answersMs = 0;
    stream.triedMs = Date.now() - ANSWER_MS + 5000;  // an earlier offer may have been lost
    page.socket?.dispatchEvent(new CloseEvent('close'));  // Streamlit connects again
  } else if (stream.phase !== 'idle') {
    if (triedMs > ANSWER_MS) press(inner, /stop/i);
  } else if (triedMs > RETRY_MS && pageConnected()) {
    press(inner, /start/i);
  }
}

// The page's own connection does not survive a change of address, and the browser is not notified.
// Streamlit gives no access to it, so that it is noted when it is used.
const page = window.facestreamPage ||= followSockets({ socket: null, heardMs: 0 });
Object.assign(page, {
  start,
  stop,
  toggle: () => (stream.phase === 'idle' ? start() : stop()),
});

function followSockets(page) {
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (...data) {
    const ours = this.protocol === 'facestream';  // of overlay.js
    if (!ours && this !== page.socket) {
      page.socket = this;
      this.addEventListener('message', () => { page.heardMs = Date.now(); });
    }
    return send.apply(this, data);
  };
  return page;
}
