// Places labels beside faces as realtime/render/placement.py does; a test compares both.
// Boxes are [x0, y0, x1, y1], sizes [width, height].
function placeLabels(boxes, full, short, frame, gap, style) {
  const around = boxes.map(([x0, y0, x1, y1]) => [x0 - gap, y0 - gap, x1 + gap, y1 + gap]);
  const places = placeAll(around, full, short, frame, style);
  const brief = places.filter(place => place.short).length;
  return brief > style.max_short_share * places.length
    ? placeAll(around, short, short, frame, style) : places;
}

function placeAll(boxes, full, short, frame, style) {
  const placed = [];
  return boxes.map((box, i) => {
    const others = [...boxes.filter((_, k) => k !== i), ...placed];
    const label = bestPlace(box, others, full[i], short[i], frame, style);
    placed.push(label.box);
    return { left: label.box[0], top: label.box[1], short: label.short };
  });
}

function bestPlace(box, others, full, short, frame, style) {
  const area = Math.max(1, (box[2] - box[0]) * (box[3] - box[1]));
  const same = full[0] === short[0] && full[1] === short[1];
  const choices = [[full, same, 0], [full, same, style.max_own_share], [short, true, 0], [short, true, 1]];
  for (const [size, isShort, share] of choices) {
    for (const label of candidates(box, size, frame)) {
      if (covered(label, [box]) <= share * area && covered(label, others) === 0)
        return { box: label, short: isShort };
    }
  }
  return { box: candidates(box, short, frame)[0], short: true };  // it hides least
}

// Above, below, right of, left of and in a face, moved into the frame.
function candidates(box, [width, height], frame) {
  const [x0, y0, x1, y1] = box.map(value => Math.trunc(Math.min(1e6, Math.max(-1e6, value))));
  return [[x0, y0 - height], [x0, y1], [x1, y0], [x0 - width, y0], [x0, y0]].map(([x, y]) => {
    const left = Math.max(0, Math.min(x, frame[0] - width));
    const top = Math.max(0, Math.min(y, frame[1] - height));
    return [left, top, left + width, top + height];
  });
}

// The largest area that the label covers of one of the boxes.
function covered(label, boxes) {
  return boxes.reduce((most, box) => {
    const width = Math.min(label[2], box[2]) - Math.max(label[0], box[0]);
    const height = Math.min(label[3], box[3]) - Math.max(label[1], box[1]);
    return Math.max(most, Math.max(0, width) * Math.max(0, height));
  }, 0);
}
