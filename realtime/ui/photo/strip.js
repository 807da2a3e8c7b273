// A button for each photo; see strip.py.
export default function ({ parentElement, data, setTriggerValue }) {
  const strip = parentElement.querySelector('.ps');
  if (data.since_ms < strip.sinceMs) return;
  strip.sinceMs = data.since_ms;
  // Reuse the buttons, so that keyboard focus survives an update.
  while (strip.children.length > data.items.length) strip.lastChild.remove();
  data.items.forEach(({ id, name, caption, picture }, i) => {
    let button = strip.children[i];
    if (!button) {
      button = document.createElement('button');
      button.type = 'button';
      button.append(...['i', 'b', 'span'].map(tag => document.createElement(tag)));
      strip.append(button);
    }
    const [thumb, title, count] = button.children;
    thumb.style.backgroundImage = picture && `url(${picture})`;
    title.textContent = button.title = name;
    count.textContent = caption;
    button.setAttribute('aria-pressed', id === data.selected);
    button.onclick = () => setTriggerValue('pressed', id);
  });
}
