// Reads the server's messages about faces, and draws them on a canvas; part of overlay.py.
// All words, colours and sizes come from the server: realtime/render/overlay.py.
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

function drawFaces({ canvas }, result, edges) {
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
  result.faces.forEach((face, i) => drawFace(g, result, face, i, edges, zoom, ageMs));
  if (result.stats) drawStats(g, result, zoom);
}

function drawFace(g, result, face, i, edges, zoom, ageMs) {
  const aheadS = Math.min(ageMs, MAX_AHEAD_MS) / 1e3;
  const [dx, dy] = face.velocity.map(v => v * aheadS);
  const [x0, y0, x1, y1] = face.box;
  g.save();
  g.translate(dx, dy);
  if (result.mesh) drawMesh(g, result, face, i, edges[result.mesh.topology] || []);
  g.lineWidth = result.sizes.line_px;
  for (const [ax, ay, bx, by, colour] of face.axes || []) {
    g.strokeStyle = colour;
    g.beginPath();
    g.moveTo(ax, ay);
    g.lineTo(bx, by);
    g.stroke();
  }
  if (result.boxes) {
    g.strokeStyle = face.colour;
    g.strokeRect(x0, y0, x1 - x0, y1 - y0);
  }
  g.restore();
  drawLines(g, result, face, x0 + dx, y0 + dy, zoom);
}

// Above the box, or inside it at the picture's edge; never outside the picture.
function drawLines(g, { size, sizes }, { lines, colour, ink }, x, y, zoom) {
  const row = sizes.row_px * zoom, pad = sizes.pad_px * zoom;
  const [width, height] = size;
  g.font = `${sizes.text_px * zoom}px sans-serif`;
  g.textBaseline = 'middle';
  const top = Math.max(0, Math.min(y - row * lines.length, height - row * lines.length));
  lines.forEach((line, n) => {
    const wide = g.measureText(line).width + 2 * pad;
    const left = Math.max(0, Math.min(x, width - wide));
    g.fillStyle = colour;
    g.fillRect(left, top + n * row, wide, row);
    g.fillStyle = ink;
    g.fillText(line, left + pad, top + (n + 0.5) * row);
  });
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

function drawStats(g, { size, sizes, stats }, zoom) {
  g.font = `${sizes.text_px * zoom}px sans-serif`;
  g.textBaseline = 'bottom';
  g.lineJoin = 'round';
  g.lineWidth = 3;
  g.strokeStyle = stats.edge;
  g.fillStyle = stats.colour;
  const x = 2 * sizes.pad_px, y = size[1] - sizes.pad_px;
  g.strokeText(stats.line, x, y);
  g.fillText(stats.line, x, y);
}
