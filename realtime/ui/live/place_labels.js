// Places labels beside faces as realtime/render/placement.py does; a test compares both.
// Boxes are [x0, y0, x1, y1], sizes [width, height].
const MAX_PX = 1e6;

function placeLabels(faces, full, short, frame, gap, style) {
  const place = (value, by) => Math.trunc(Math.min(MAX_PX, Math.max(-MAX_PX, value)) + by);
  const boxes = faces.map(([x0, y0, x1, y1]) =>
    [place(x0, -gap), place(y0, -gap), place(x1, gap), place(y1, gap)]);
  const places = placeAll(boxes, full, short, frame, style);
  const brief = places.filter(({ short }) => short).length;
  return brief > style.max_short_share * places.length
    ? placeAll(boxes, null, short, frame, style) : places;
}

function placeAll(boxes, full, short, frame, style) {
  const taken = [...boxes];  // the faces, then the labels placed so far
  return boxes.map((box, i) => {
    const place = bestLabel(box, i, taken, full && full[i], short[i], frame, style);
    taken.push(place.label);
    return { left: place.label[0], top: place.label[1], short: place.short };
  });
}

// Full labels are better, and those on no face, not even their own.
function bestLabel(box, own, taken, full, short, frame, style) {
  const area = Math.max(1, (box[2] - box[0]) * (box[3] - box[1]));
  for (const [size, isShort, share] of [[full, false, style.max_own_share], [short, true, 1]]) {
    if (!size) continue;
    let onOwn = null;
    for (const label of candidates(box, size, frame)) {
      if (taken.some((other, k) => k !== own && overlap(label, other) > 0)) continue;
      const covered = overlap(label, box);
      if (covered === 0) return { label, short: isShort };
      if (!onOwn && covered <= share * area) onOwn = label;
    }
    if (onOwn) return { label: onOwn, short: isShort };
  }
  return { label: candidates(box, short, frame)[0], short: true };  // it hides least
}

// Above, below, right of, left of and in a face, moved into the frame.
function candidates([x0, y0, x1, y1], [width, height], frame) {
  return [[x0, y0 - height], [x0, y1], [x1, y0], [x0 - width, y0], [x0, y0]].map(([x, y]) => {
    const left = Math.max(0, Math.min(x, frame[0] - width));
    const top = Math.max(0, Math.min(y, frame[1] - height));
    return [left, top, left + width, top + height];
  });
}

function overlap(a, b) {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return Math.max(0, width) * Math.max(0, height);
}
