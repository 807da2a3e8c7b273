// Two pictures with linked zoom and pan; see view.py.
const STEP = 1.5, MAX_ZOOM = 8;

function wire(root) {
  const panes = [...root.querySelectorAll('.pv-pane')];
  const contents = panes.map(pane => pane.firstElementChild);
  const readout = root.querySelector('output');
  let zoom = 1;

  // Zoom about a point of the pane, by default its centre.
  const zoomTo = (target, pane = panes[1], x = pane.clientWidth / 2, y = pane.clientHeight / 2) => {
    const before = zoom;
    zoom = Math.min(MAX_ZOOM, Math.max(1, target));
    const left = (pane.scrollLeft + x) * zoom / before - x;
    const top = (pane.scrollTop + y) * zoom / before - y;
    contents.forEach(content => { content.style.width = `${100 * zoom}%`; });
    panes.forEach(each => each.scrollTo(left, top));
    root.classList.toggle('zoomed', zoom > 1);
    readout.textContent = `${Math.round(100 * zoom)} %`;
  };
  const fullScreen = () =>
    document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen();
  const actions = { in: () => zoomTo(zoom * STEP), out: () => zoomTo(zoom / STEP),
    fit: () => zoomTo(1), full: fullScreen };
  const keys = { '+': 'in', '=': 'in', '-': 'out', '_': 'out', 0: 'fit' };

  root.addEventListener('click', event => {
    const button = event.target.closest('[data-zoom]');
    if (button) actions[button.dataset.zoom]();
  });
  root.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    event.stopPropagation();
    actions[keys[event.key]]();
  });
  panes.forEach((pane, k) => {
    const other = panes[1 - k];
    pane.addEventListener('scroll', () => {
      if (Math.abs(other.scrollLeft - pane.scrollLeft) > 1 ||
          Math.abs(other.scrollTop - pane.scrollTop) > 1)
        other.scrollTo(pane.scrollLeft, pane.scrollTop);
    });
    pane.addEventListener('dblclick', event => {
      const box = pane.getBoundingClientRect();
      zoomTo(zoom > 1 ? 1 : STEP ** 2, pane, event.clientX - box.left, event.clientY - box.top);
    });
    // Touch screens scroll natively.
    pane.addEventListener('pointermove', event => {
      if (event.pointerType === 'mouse' && event.buttons === 1)
        pane.scrollBy(-event.movementX, -event.movementY);
    });
  });
  return () => zoomTo(1);
}

// A field over each face whose tooltip says everything about it.
function showFaces(content, { faces, width, height }) {
  content.querySelectorAll('.pv-face').forEach(field => field.remove());
  content.append(...faces.map(({ box: [x0, y0, x1, y1], text }) => {
    const field = document.createElement('div');
    field.className = 'pv-face';
    field.title = text;
    Object.assign(field.style, {
      left: `${100 * x0 / width}%`, top: `${100 * y0 / height}%`,
      width: `${100 * (x1 - x0) / width}%`, height: `${100 * (y1 - y0) / height}%`,
    });
    return field;
  }));
}

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector('.pv');
  if (data.since_ms < root.sinceMs) return;
  root.sinceMs = data.since_ms;
  root.fit = root.fit || wire(root);
  root.querySelector('.pv-two').classList.toggle('wide', data.wide);
  root.querySelectorAll('.pv-pane').forEach((pane, k) => {
    const source = `data:image/jpeg;base64,${data.pictures[k]}`;
    pane.style.aspectRatio = `${data.width} / ${data.height}`;
    showFaces(pane.firstElementChild, data);
    const image = pane.querySelector('img');
    if (image.src === source) return;
    image.src = source;
    if (k === 0) root.fit();  // another photo; new annotations on the same photo keep the zoom
  });
}
