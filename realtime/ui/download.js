// Hands a file to the browser once; see give_file.py.
const given = new Set();

export default function ({ data, setTriggerValue }) {
  if (!data.id) return;
  if (!given.has(data.id)) {
    given.add(data.id);
    const bytes = Uint8Array.from(atob(data.base64), letter => letter.charCodeAt(0));
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([bytes], { type: data.mime }));
    link.download = data.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
  setTriggerValue('given', data.id);
}
