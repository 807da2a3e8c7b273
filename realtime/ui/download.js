// Saves each file once, by its id; see download.py.
const saved = new Set();

export default function ({ data, setTriggerValue }) {
  if (!data.id) return;
  if (!saved.has(data.id)) {
    saved.add(data.id);
    const bytes = Uint8Array.from(atob(data.base64), character => character.charCodeAt(0));
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([bytes], { type: data.mime }));
    link.download = data.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
  setTriggerValue('received', data.id);
}
