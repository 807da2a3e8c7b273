// Reads the server's messages about faces, and draws them on a canvas; part of overlay.py.
// All words, colours, icons and sizes come from the server: realtime/render/overlay.py.
const POINT_STEPS = 1 << 14;
const HEAD_BYTES = 12;
// From the camera's picture to its arrival at the server, besides the network: encoding, less the
// time until the page shows that picture itself, which is longer. `benchmarks stream` measures it.
const CAPTURE_MS = -7;
const MAX_AHEAD_MS = 300;  // faces are not moved on for longer, as they may have stopped
const FADE_MS = 700;  // older results fade out
const GONE_MS = 1000;  // and are not drawn from then on
const MAX_RATIO = 2;  // of canvas pixels to CSS pixels
const MIN_TEXT_PX = 11;

function readMessage(buffer) {
  const view = new DataView(buffer);
  const length = view.getUint32(HEAD_BYTES, true);
  const start = HEAD_BYTES + 4;
  const text = new TextDecoder().decode(new Uint8Array(buffer, start, length));
  const rttMs = Math.max(0, view.getFloat32(8, true));
  const ageMs = Math.max(0, view.getFloat32(4, true) + rttMs + CAPTURE_MS);
  return {
    ...JSON.parse(text),
    number: view.getUint32(0, true),
    capturedMs: performance.now() - ageMs,
    points: new Int16Array(buffer, start + length),
  };
}

// How far a picture of that size is scaled and moved to be shown whole in an element.
function fit([width, height], element) {
  const scale = Math.min(element.clientWidth / width, element.clientHeight / height);
  return {
    scale,
    left: (element.clientWidth - width * scale) / 2,
    top: (element.clientHeight - height * scale) / 2,
  };
}

function drawFaces({ canvas }, result, style) {
  const ratio = Math.min(MAX_RATIO, devicePixelRatio || 1);
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const g = canvas.getContext('2d');
  g.setTransform(1, 0, 0, 1, 0, 0);
  g.clearRect(0, 0, width, height);
  if (!result) return;
  const ageMs = performance.now() - result.capturedMs;
  if (ageMs >= GONE_MS) return;
  const { scale, left, top } = fit(result.size, canvas);
  const k = ratio * scale;
  g.setTransform(k, 0, 0, k, ratio * left, ratio * top);
  g.globalAlpha = Math.min(1, (GONE_MS - ageMs) / (GONE_MS - FADE_MS));
  // Text keeps its size on small screens, where it could not be read otherwise.
  const zoom = Math.max(1, MIN_TEXT_PX / (result.sizes.text_px * scale));
  const faces = result.faces.map(face => ({ face, move: moved(face, ageMs) }));
  faces.forEach(({ face, move }, i) => drawFace(g, result, face, i, style, move));
  const labels = labelsOf(g, result, style, zoom);
  faces.forEach(({ move }, i) => drawLabel(g, result, labels[i], style, zoom, move));
  if (result.stats) {
    const label = sizeLabel(g, result.sizes, [result.stats], style, zoom);
    const pad = result.sizes.pad_px;
    // At the top: the page's buttons lie over the lower edge.
    drawLabel(g, result, { ...label, left: pad, top: pad }, style, zoom);
  }
}

// How far a face has probably gone since its frame.
function moved(face, ageMs) {
  const aheadS = Math.min(ageMs, MAX_AHEAD_MS) / 1e3;
  return face.velocity.map(v => v * aheadS);
}

function drawFace(g, result, face, i, style, move) {
  const [x0, y0, x1, y1] = face.box;
  g.save();
  g.translate(...move);
  if (result.mesh) drawMesh(g, result, face, i, style.edges[result.mesh.topology] || []);
  g.lineWidth = result.sizes.line_px;
  for (const [ax, ay, bx, by, colour] of face.axes || []) {
    g.strokeStyle = colour;
    g.beginPath();
    g.moveTo(ax, ay);
    g.lineTo(bx, by);
    g.stroke();
  }
  if (result.boxes) {
    const most = style.max_corner_share * Math.min(x1 - x0, y1 - y0);
    g.strokeStyle = face.colour;
    g.beginPath();
    g.roundRect(x0, y0, x1 - x0, y1 - y0, Math.max(0, Math.min(result.sizes.corner_px, most)));
    g.stroke();
  }
  g.restore();
}

// Each face's label with its place; placed once for each result, then moved on with the faces.
function labelsOf(g, result, style, zoom) {
  if (result.placed && result.placed.zoom === zoom) return result.placed.labels;
  const size = lines => sizeLabel(g, result.sizes, lines, style, zoom);
  const full = result.faces.map(face => size(face.lines));
  const short = result.faces.map(face => size(face.short ? [face.short] : []));
  const wh = label => [label.width, label.height];
  const boxes = result.faces.map(face => face.box);
  const places = placeLabels(
    boxes, full.map(wh), short.map(wh), result.size, result.sizes.line_px, style);
  const labels = places.map((place, i) => ({ ...(place.short ? short : full)[i], ...place }));
  result.placed = { zoom, labels };
  return labels;
}

function setFont(g, sizes, style, zoom) {
  g.font = `${style.weight} ${sizes.text_px * zoom}px "Source Sans", sans-serif`;
  g.textBaseline = 'alphabetic';
}

// A line is its text, and perhaps an icon with its colour.
function sizeLabel(g, sizes, lines, style, zoom) {
  if (!lines.length) return { lines, width: 0, height: 0 };
  setFont(g, sizes, style, zoom);
  const widths = lines.map(([text, icon]) =>
    (icon ? iconSpace(sizes, text) * zoom : 0) + g.measureText(text).width);
  return {
    lines,
    width: Math.ceil(Math.max(...widths) + 2 * sizes.pad_px * zoom),
    height: Math.ceil(lines.length * sizes.row_px * zoom),
  };
}

function iconSpace(sizes, text) {
  return sizes.icon_px + (text ? Math.max(2, Math.floor(sizes.pad_px * 2 / 3)) : 0);
}

// Never outside the picture.
function drawLabel(g, { size, sizes }, label, style, zoom, [dx, dy] = [0, 0]) {
  if (!label.lines.length) return;
  const left = Math.max(0, Math.min(label.left + dx, size[0] - label.width));
  const top = Math.max(0, Math.min(label.top + dy, size[1] - label.height));
  const row = sizes.row_px * zoom, icon = sizes.icon_px * zoom;
  setFont(g, sizes, style, zoom);
  g.fillStyle = style.ink;
  g.beginPath();
  g.roundRect(left, top, label.width, label.height, sizes.round_px * zoom);
  g.fill();
  const capitals = g.measureText('H').actualBoundingBoxAscent;
  label.lines.forEach(([text, name, colour], n) => {
    let x = left + sizes.pad_px * zoom;
    const middle = top + (n + 0.5) * row;
    if (name) {
      drawIcon(g, style, name, colour, x, middle - icon / 2, icon);
      x += iconSpace(sizes, text) * zoom;
    }
    g.fillStyle = style.paper;
    g.fillText(text, x, middle + capitals / 2);
  });
}

function drawIcon(g, style, name, colour, left, top, side) {
  g.save();
  g.translate(left, top);
  g.scale(side / style.grid, side / style.grid);
  Object.assign(g, { lineWidth: style.stroke, lineCap: 'round', lineJoin: 'round' });
  for (const [kind, points] of style.icons[name] || []) {
    g.beginPath();
    points.forEach(([x, y]) => g.lineTo(x, y));
    g.fillStyle = g.strokeStyle = kind === 'fill' || kind === 'line' ? colour : style.ink;
    if (kind === 'fill' || kind === 'hole') g.fill();
    else g.stroke();
  }
  g.restore();
}

function drawMesh(g, { size, mesh, points, sizes }, face, i, edges) {
  const unit = Math.max(...size) / POINT_STEPS;
  const first = 2 * i * mesh.count;
  const x = j => points[first + 2 * j] * unit, y = j => points[first + 2 * j + 1] * unit;
  g.beginPath();
  if (edges.length) {
    for (const [a, b] of edges) {
      g.moveTo(x(a), y(a));
      g.lineTo(x(b), y(b));
    }
    g.save();
    g.globalAlpha *= face.opacity;
    g.lineWidth = sizes.line_px / 2;
    g.strokeStyle = mesh.colour;
    g.stroke();
    g.restore();
    return;
  }
  for (let j = 0; j < mesh.count; j++) {
    g.moveTo(x(j) + 2, y(j));
    g.arc(x(j), y(j), 2, 0, 2 * Math.PI);
  }
  g.fillStyle = mesh.colour;
  g.fill();
}
