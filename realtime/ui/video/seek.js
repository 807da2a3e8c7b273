// Moves the page's video to a time, once for each request; see seek.py.
let done = 0;

export default function ({ data }) {
  if (!data.request || data.request === done) return;
  done = data.request;
  const video = document.querySelector('[data-testid="stVideo"]');
  if (!video) return;
  video.currentTime = data.at_s;
  const reduced = matchMedia('(prefers-reduced-motion: reduce)').matches;
  video.scrollIntoView({ block: 'nearest', behavior: reduced ? 'auto' : 'smooth' });
}
