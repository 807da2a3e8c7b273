// Two pictures zoomed and moved as one; see view.py.
const STEP = 1.5, MOST = 8;

function wire(root) {
  const panes = [...root.querySelectorAll('.pv-pane')];
  const images = panes.map(pane => pane.firstElementChild);
  const shown = root.querySelector('output');
  let zoom = 1;

  // Zooms about a point of the pane, its middle unless one is given.
  const zoomTo = (wanted, pane = panes[1], x = pane.clientWidth / 2, y = pane.clientHeight / 2) => {
    const before = zoom;
    zoom = Math.min(MOST, Math.max(1, wanted));
    const left = (pane.scrollLeft + x) * zoom / before - x;
    const top = (pane.scrollTop + y) * zoom / before - y;
    images.forEach(image => { image.style.width = `${100 * zoom}%`; });
    panes.forEach(each => each.scrollTo(left, top));
    root.classList.toggle('zoomed', zoom > 1);
    shown.textContent = `${Math.round(100 * zoom)} %`;
  };
  const fullScreen = () =>
    document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen();
  const acts = { in: () => zoomTo(zoom * STEP), out: () => zoomTo(zoom / STEP),
    fit: () => zoomTo(1), full: fullScreen };
  const keys = { '+': 'in', '=': 'in', '-': 'out', '_': 'out', 0: 'fit' };

  root.addEventListener('click', event => {
    const act = event.target.closest('[data-zoom]');
    if (act) acts[act.dataset.zoom]();
  });
  root.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    event.stopPropagation();
    acts[keys[event.key]]();
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
    // Fingers scroll by themselves.
    pane.addEventListener('pointermove', event => {
      if (event.pointerType === 'mouse' && event.buttons === 1)
        pane.scrollBy(-event.movementX, -event.movementY);
    });
  });
  return () => zoomTo(1);
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
    if (pane.firstElementChild.src === source) return;
    pane.firstElementChild.src = source;
    if (k === 0) root.fit();  // another photo; other marks on the same one keep the place
  });
}
