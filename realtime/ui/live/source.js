// Offers cameras, the screen and a sample as sources, and opens the chosen one; see source.py.
const HOOK_MS = 100;  // until the iframe is there; people need longer to press Start
const STORED = 'facestream-source';
const RATE = 30;
const SCREEN_WH = [1280, 720];  // faces on a screen are small
const SAMPLE_WH = [640, 480];
const SIZES = { '320x240': '320 × 240', '640x480': '640 × 480', '1280x720': '1280 × 720 (HD)' };

// Shared with the other components: `once` replaces the choice until the visitor presses Start.
const source = window.facestreamSource ||= { kind: 'user', size: '640x480', once: '' };
const overlay = window.facestreamOverlay ||= { results: 0, camera: null };

function streamWindow() {
  const frame = document.querySelector('iframe[title*="webrtc"]');
  const inner = frame && frame.contentDocument;
  return inner && inner.head ? inner.defaultView : null;
}

// streamlit-webrtc has no option for what it opens, so that its request is answered here.
function answerRequests(view, sample) {
  const media = view.navigator.mediaDevices;
  if (!media || media.facestreamSource) return;
  media.facestreamSource = true;
  const ask = media.getUserMedia.bind(media);
  media.getUserMedia = async ({ video, audio }) => {
    if (!video) return ask({ video, audio });
    const stream = await open(view, ask, audio, sample);
    overlay.camera = stream;
    return stream;
  };
}

async function open(view, ask, audio, sample) {
  const kind = source.once || source.kind;
  if (kind !== 'screen' && kind !== 'sample') return ask({ video: cameraConstraints(kind), audio });
  const stream = kind === 'sample' ? await openSample(view, sample) : await openScreen(view);
  if (audio) for (const track of (await ask({ audio })).getTracks()) stream.addTrack(track);
  return stream;
}

function cameraConstraints(kind) {
  const [width, height] = source.size.split('x').map(Number);
  const which = kind.startsWith('device:') ? { deviceId: { exact: kind.slice(7) } }
    : { facingMode: { ideal: kind } };
  const frameRate = { ideal: RATE, max: RATE };
  return { ...which, width: { ideal: width }, height: { ideal: height }, frameRate };
}

async function openScreen(view) {
  const [width, height] = SCREEN_WH;
  const video = { width: { max: width }, height: { max: height }, frameRate: RATE };
  const stream = await view.navigator.mediaDevices.getDisplayMedia({ video });
  const [track] = stream.getVideoTracks();
  track.addEventListener('ended', () => window.facestreamPage?.stop());  // the browser's own button
  return stream;
}

// Not the video's own stream: Safari has none.
async function openSample(view, url) {
  const inner = view.document;
  const video = inner.createElement('video');
  Object.assign(video, { src: url, muted: true, loop: true, playsInline: true });
  const canvas = inner.createElement('canvas');
  [canvas.width, canvas.height] = SAMPLE_WH;
  const context = canvas.getContext('2d');
  await video.play();
  const stream = canvas.captureStream(RATE);
  const [track] = stream.getVideoTracks();
  const timer = view.setInterval(() => {
    if (track.readyState === 'ended') {
      view.clearInterval(timer);
      video.pause();
    } else context.drawImage(video, 0, 0, canvas.width, canvas.height);
  }, 1e3 / RATE);
  return stream;
}

async function choices() {
  const media = navigator.mediaDevices;
  const devices = media ? await media.enumerateDevices() : [];
  const cameras = devices.filter(({ kind, label }) => kind === 'videoinput' && label);
  const phone = matchMedia('(pointer: coarse)').matches || innerWidth < 640;
  return {
    user: phone ? 'Front camera' : 'Camera',
    ...(phone && { environment: 'Back camera' }),
    ...(cameras.length > 1 && Object.fromEntries(
      cameras.map(({ deviceId, label }) => [`device:${deviceId}`, label]))),
    ...(media && media.getDisplayMedia && { screen: 'Screen or window' }),
    sample: 'Sample video',
  };
}

function fill(select, titles, value) {
  const options = Object.entries(titles).map(([key, title]) => new Option(title, key));
  const same = options.length === select.options.length
    && options.every((o, i) => o.value === select.options[i].value);
  if (!same) select.replaceChildren(...options);
  if (document.activeElement !== select) select.value = value;
}

function load() {
  try { Object.assign(source, JSON.parse(sessionStorage.getItem(STORED))); } catch { }
  source.once = '';
}

function store() {
  const { kind, size } = source;
  try { sessionStorage.setItem(STORED, JSON.stringify({ kind, size })); } catch { }
}

load();

export default function ({ parentElement, data, setStateValue }) {
  const select = parentElement.querySelector('#source');
  const size = parentElement.querySelector('#size');
  parentElement.facestreamRunning = data.running;  // also for what still waits below
  // Not only once the devices are known: a camera that is being closed may hold that up.
  const enable = () => {
    const running = parentElement.facestreamRunning;
    select.disabled = running;
    size.disabled = running || ['screen', 'sample'].includes(source.kind);
  };
  const update = async () => {
    enable();
    const titles = await choices();
    if (!(source.kind in titles)) source.kind = 'user';
    fill(select, titles, source.kind);
    fill(size, SIZES, source.size);
    enable();
  };
  select.onchange = () => {
    source.kind = select.value;
    store();
    setStateValue('kind', source.kind.split(':')[0]);
    update();
  };
  size.onchange = () => {
    source.size = size.value;
    store();
  };
  const timer = setInterval(() => {
    const view = streamWindow();
    if (view) answerRequests(view, data.sample);
  }, HOOK_MS);
  const media = navigator.mediaDevices;
  media?.addEventListener('devicechange', update);
  update();
  return () => {
    clearInterval(timer);
    media?.removeEventListener('devicechange', update);
  };
}
