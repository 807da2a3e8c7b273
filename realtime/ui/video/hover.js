// Shows what is known of the face under the pointer in the page's video; see hover.py.
const shown = window.facestreamHover ||= { sinceMs: 0 };

function facesAt(steps, timeS) {
  let low = 0, high = steps.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (steps[middle].at_s <= timeS + 0.02) low = middle;
    else high = middle - 1;
  }
  return steps.length ? steps[low].faces : [];
}

// The point of the picture under the pointer; the video may have bars at its sides.
function pointOf(event, video, [width, height]) {
  const area = video.getBoundingClientRect();
  const scale = Math.min(area.width / width, area.height / height);
  return [
    (event.clientX - area.left - (area.width - width * scale) / 2) / scale,
    (event.clientY - area.top - (area.height - height * scale) / 2) / scale,
  ];
}

function faceUnder(event, { size, steps }) {
  const { video } = event;
  const [x, y] = pointOf(event, video, size);
  const hit = facesAt(steps, video.currentTime)
    .filter(({ box: [x0, y0, x1, y1] }) => x >= x0 && x <= x1 && y >= y0 && y <= y1);
  const width = ({ box }) => box[2] - box[0];
  return hit.sort((a, b) => width(a) - width(b))[0];
}

function tip() {
  if (!shown.tip || !shown.tip.isConnected) {
    shown.tip = document.createElement('div');
    shown.tip.className = 'facestream-tip';
    shown.tip.setAttribute('role', 'tooltip');
    shown.tip.style.cssText = `position: fixed; z-index: 1000; pointer-events: none;
      white-space: pre-line; padding: .4rem .6rem; border-radius: .4rem; font-size: .85rem;
      line-height: 1.35; background: rgb(18, 20, 24); color: rgb(250, 250, 250)`;
    document.body.append(shown.tip);
  }
  return shown.tip;
}

function hide() {
  if (shown.tip) shown.tip.remove();
}

// Where the pointer rests, the video plays on and the page may run again.
function refresh() {
  const { pointer, data } = shown;
  const face = pointer && pointer.video.isConnected && faceUnder(pointer, data);
  if (!face) return hide();
  const element = tip();
  element.textContent = face.text;
  const { width, height } = element.getBoundingClientRect();
  element.style.left = `${Math.min(pointer.clientX + 14, innerWidth - width - 4)}px`;
  element.style.top = `${Math.min(pointer.clientY + 14, innerHeight - height - 4)}px`;
}

function move({ clientX, clientY, currentTarget }) {
  shown.pointer = { clientX, clientY, video: currentTarget };
  refresh();
}

function leave() {
  shown.pointer = null;
  hide();
}

export default function ({ data }) {
  if (data.since_ms < shown.sinceMs) return;
  shown.sinceMs = data.since_ms;
  shown.data = data;
  const wire = () => {
    const video = document.querySelector('[data-testid="stVideo"]');
    if (!video) return;
    clearInterval(search);
    if (video.facestreamHover) return;
    video.facestreamHover = true;
    video.addEventListener('pointermove', move);
    video.addEventListener('pointerleave', leave);
    video.addEventListener('timeupdate', refresh);
  };
  const search = setInterval(wire, 200);  // the page may show the video after this component
  wire();
  refresh();
  return () => {
    clearInterval(search);
    hide();
  };
}
