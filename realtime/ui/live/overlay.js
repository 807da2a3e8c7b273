// Shows the camera's own picture with the faces that the server reports; see overlay.py.
// place_labels.js and draw_overlay.js come before it.
const HOOK_MS = 100;  // until the iframe is there; people need longer to press Start
const RETRY_MS = 2000;  // between two attempts to connect
const HANDOVER_MS = 1000;  // how long to wait for the server's picture before showing none
const ENDED = 1000;  // the code with which the server closes when the stream ends
const STYLE = `.facestream { position: absolute; overflow: hidden; border-radius: 0.5rem;
    pointer-events: none; background: #000 }
  .facestream[hidden] { display: none }
  .facestream > * { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain }`;

// Shared with connection.js, which counts results like pictures.
const shared = window.facestreamOverlay ||= { results: 0, camera: null };

function streamDocument() {
  const frame = document.querySelector('iframe[title*="webrtc"]');
  const inner = frame && frame.contentDocument;
  return inner && inner.head && inner.defaultView ? inner : null;
}

// streamlit-webrtc gives no access to the camera's stream, so that it is noted when it is opened.
function followCamera(view) {
  const media = view.navigator.mediaDevices;
  if (!media || view.facestreamHooked) return;
  view.facestreamHooked = true;
  const getUserMedia = media.getUserMedia.bind(media);
  media.getUserMedia = async constraints => {
    const stream = await getUserMedia(constraints);
    if (stream.getVideoTracks().length) shared.camera = stream;
    return stream;
  };
}

function cameraRuns() {
  const tracks = shared.camera ? shared.camera.getVideoTracks() : [];
  return tracks.some(track => track.readyState === 'live');
}

// The typeface of the pages, in which the server draws too; the iframe has its own fonts.
async function loadFont(inner, url) {
  if (!url || inner.facestreamFont) return;
  inner.facestreamFont = true;
  const face = new inner.defaultView.FontFace('Source Sans', `url("${url}")`, { weight: '200 900' });
  try {
    inner.fonts.add(await face.load());
  } catch { /* the browser's own sans serif stands in */ }
}

// The camera's picture and the canvas over it, in the iframe and above the server's picture.
function createLayer(inner) {
  const style = inner.createElement('style');
  style.textContent = STYLE;
  const box = inner.createElement('div');
  const video = inner.createElement('video');
  const canvas = inner.createElement('canvas');
  Object.assign(box, { className: 'facestream', hidden: true, ariaHidden: 'true' });
  Object.assign(video, { muted: true, autoplay: true, playsInline: true });
  box.append(video, canvas);
  inner.body.append(style, box);
  const remove = () => {
    video.srcObject = null;  // or the camera's light might stay on
    style.remove();
    box.remove();
  };
  return { inner, box, video, canvas, remove };
}

function place({ box, video }, server) {
  const { left, top, width, height } = server.getBoundingClientRect();
  const view = server.ownerDocument.defaultView;
  const to = { left: left + view.scrollX, top: top + view.scrollY, width, height };
  for (const [name, px] of Object.entries(to)) box.style[name] = `${px}px`;
  // Without frames the server's picture has no shape of its own, and the page would jump.
  const shape = `${video.videoWidth} / ${video.videoHeight}`;
  if (!video.videoWidth || server.style.aspectRatio === shape) return;
  server.style.aspectRatio = shape;
  server.dispatchEvent(new Event('canplay'));  // streamlit-webrtc then adapts the iframe's height
}

// The element in which streamlit-webrtc shows the server's picture; ours comes after it.
function serverVideo(inner) {
  const video = inner.querySelector('video');
  return video && !video.closest('.facestream') ? video : null;
}

function framesOf(video) {
  return video.getVideoPlaybackQuality().totalVideoFrames;
}

class Overlay {
  constructor(data) {
    this.data = data;
    this.calls = 0;
    this.socket = null;
    this.style = { edges: {}, icons: {} };  // sent first on each connection
    this.result = null;  // the latest that is to be drawn here
    this.layer = null;
    this.triedMs = 0;
    this.spent = '';  // the token of a stream that has ended
    this.handover = null;  // since when, and at which frame, the server is to show its picture
    this.timer = setInterval(() => this.check(), HOOK_MS);
    this.drawing = 0;
  }

  update(data) {
    if (data.since_ms < this.data.since_ms) return;  // see realtime/ui/versioned.py
    if (data.token !== this.data.token) {
      this.disconnect();
      this.triedMs = 0;
    }
    this.data = data;
    this.check();
  }

  check() {
    const inner = streamDocument();
    if (!inner) return this.hide();
    followCamera(inner.defaultView);
    if (this.layer && this.layer.inner !== inner) this.hide();
    if (!cameraRuns()) {
      if (this.socket) this.spent = this.data.token;
      this.disconnect();
      return this.hide();
    }
    const { token } = this.data;
    const due = Date.now() - this.triedMs > RETRY_MS;
    if (token && token !== this.spent && !this.socket && due) this.connect();
    if (this.handover) this.finishHandover(inner);
  }

  connect() {
    this.triedMs = Date.now();
    const url = new URL(this.data.path, window.location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const { token } = this.data;
    const socket = new WebSocket(url, ['facestream', token]);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') this.style = JSON.parse(data);
      else if (socket === this.socket) this.receive(data);
    };
    socket.onclose = ({ code }) => {
      if (code === ENDED) this.spent = token;
      if (socket === this.socket) this.disconnect();
    };
    this.socket = socket;
  }

  disconnect() {
    const { socket } = this;
    this.socket = null;
    if (socket) socket.close();
    this.handOver();
  }

  receive(data) {
    const message = readMessage(data);
    this.socket.send(String(message.number));
    if (!message.size) return this.handOver();
    shared.results += 1;
    this.result = message;
    this.handover = null;
    this.show();
  }

  show() {
    const inner = streamDocument();
    const server = inner && serverVideo(inner);
    if (!server || !cameraRuns()) return;
    this.layer = this.layer || createLayer(inner);
    loadFont(inner, this.data.font);
    const { box, video } = this.layer;
    if (video.srcObject !== shared.camera) {
      video.srcObject = shared.camera;
      video.play().catch(() => {});
    }
    video.style.transform = this.result.mirror ? 'scaleX(-1)' : '';
    if (video.readyState < 2) return;  // until then the server's picture is better than none
    place(this.layer, server);
    box.hidden = false;
    if (!this.drawing) this.animate();
  }

  animate() {
    this.drawing = requestAnimationFrame(() => this.animate());
    if (this.layer && !this.layer.box.hidden) {
      const server = serverVideo(this.layer.inner);
      if (server) place(this.layer, server);
      drawFaces(this.layer, this.result, this.style);
    }
  }

  // The server draws again: its picture appears as soon as it has one.
  handOver() {
    this.result = null;
    if (this.handover || !this.layer || this.layer.box.hidden) return;
    const server = serverVideo(this.layer.inner);
    this.handover = { sinceMs: Date.now(), frames: server ? framesOf(server) : 0 };
  }

  finishHandover(inner) {
    const server = serverVideo(inner);
    const { sinceMs, frames } = this.handover;
    if (!server || framesOf(server) > frames || Date.now() - sinceMs > HANDOVER_MS) this.hide();
  }

  hide() {
    cancelAnimationFrame(this.drawing);
    Object.assign(this, { drawing: 0, handover: null, result: null });
    if (this.layer) this.layer.remove();
    this.layer = null;
  }

  close() {
    clearInterval(this.timer);
    this.disconnect();
    this.hide();
  }
}

const overlays = new WeakMap();

export default function ({ parentElement, data }) {
  if (!overlays.has(parentElement)) overlays.set(parentElement, new Overlay(data));
  const overlay = overlays.get(parentElement);
  overlay.update(data);
  const calls = ++overlay.calls;
  return () => {
    if (overlay.calls !== calls) return;  // called again meanwhile
    overlays.delete(parentElement);
    overlay.close();
  };
}
