// Buttons on the picture and the page's keys; see picture_tools.py. The stream itself is started
// and stopped by connection.js.
const CHECK_MS = 100;
const AREA = '.st-key-live-picture';
const FIELDS = 'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]';
const BUTTONS = 'button, a, summary, [role=tab], [role=switch], [role=radio], input';

function streamDocument() {
  const frame = document.querySelector('iframe[title*="webrtc"]');
  const inner = frame && frame.contentDocument;
  return inner && inner.head ? inner : null;
}

function shownVideo() {
  const inner = streamDocument();
  const video = inner && [...inner.querySelectorAll('video')].find(v => !v.closest('.facestream'));
  // While the browser draws, the server's picture has no frames, and another window shows none.
  const own = inner && inner.querySelector('.facestream:not([hidden])');
  return video && video.readyState >= 2 && !own ? video : null;
}

function togglePictureInPicture() {
  const video = shownVideo();
  const owner = video && video.ownerDocument;
  if (!video) return;
  const change = owner.pictureInPictureElement ? owner.exitPictureInPicture()
    : video.requestPictureInPicture();
  change.catch(() => {});
}

function toggleFullScreen() {
  const area = document.querySelector(AREA);
  const change = document.fullscreenElement ? document.exitFullscreen() : area.requestFullscreen?.();
  change?.catch(() => {});
}

function clickFirst(...selectors) {
  for (const selector of selectors) {
    const button = document.querySelector(`${selector} button:not([disabled])`);
    if (button) return button.click();
  }
}

function toggleBlur() {
  const options = [...document.querySelectorAll('.st-key-live-hiding [role=radio]')];
  const [off, blur] = [options[0], options[1]];
  (blur && blur.ariaChecked === 'true' ? off : blur)?.click();
}

function actions(dialog) {
  const page = window.facestreamPage;
  return {
    ' ': () => page?.toggle(),
    s: () => clickFirst('.st-key-live-snapshot-button'),
    r: () => clickFirst('.st-key-live-record-stop', '.st-key-live-record'),
    b: toggleBlur,
    f: toggleFullScreen,
    '?': () => (dialog.open ? dialog.close() : dialog.showModal()),
  };
}

function onKey(event, dialog) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const target = event.composedPath()[0];
  if (target.closest?.(FIELDS)) return;
  if (event.key === ' ' && target.closest?.(BUTTONS)) return;  // it presses that button
  const action = actions(dialog)[event.key.toLowerCase()];
  if (!action || (dialog.open && event.key !== '?')) return;
  event.preventDefault();
  action();
}

// Chromium does not start it by itself, as a script inserts it. It costs nothing behind a stream.
function playSample(idle) {
  const video = document.querySelector('.fs-sample video');
  if (!video || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  if (!idle) video.pause();
  else if (video.paused) video.play().catch(() => {});
}

export default function ({ parentElement }) {
  const [idle, wait, sample, pip, full, help, dialog] =
    ['idle', 'wait', 'sample', 'pip', 'full', 'help', 'keys']
      .map(id => parentElement.querySelector(`#${id}`));
  sample.onclick = () => window.facestreamPage?.start('sample');
  pip.onclick = togglePictureInPicture;
  full.onclick = toggleFullScreen;
  help.onclick = () => dialog.showModal();
  full.hidden = !document.fullscreenEnabled;
  const listener = event => onKey(event, dialog);
  const heard = new Set([document]);
  document.addEventListener('keydown', listener);
  const update = () => {
    const inner = streamDocument();
    if (inner && !heard.has(inner)) {  // the keyboard is there after a click on Start
      heard.add(inner);
      inner.addEventListener('keydown', listener);
    }
    const { phase } = document.querySelector(AREA)?.dataset ?? {};
    idle.hidden = phase !== 'idle' || !inner;
    wait.hidden = phase !== 'connecting';
    playSample(phase === 'idle');
    pip.hidden = !document.pictureInPictureEnabled || !shownVideo();
  };
  const timer = setInterval(update, CHECK_MS);
  update();
  return () => {
    clearInterval(timer);
    for (const target of heard) target.removeEventListener('keydown', listener);
  };
}
