// Reports every few seconds how long pictures take from the camera to the screen, as the browser
// estimates it: what its statistics say of sending, the network and showing, and what the server
// says of itself. Part of delay_report.py.
const EVERY_MS = 5000;

const known = window.facestreamPeers ||= new WeakSet();
let peers = window.facestreamPeerList ||= [];

// The stream is in a frame of its own; a connection is noted when it is made.
function followPeers() {
  for (const frame of document.querySelectorAll('iframe')) {
    const inner = frame.contentWindow;
    let Peer;
    try {
      Peer = inner.RTCPeerConnection;
    } catch {
      continue;  // of another site
    }
    if (!Peer || known.has(Peer)) continue;
    const Followed = class extends Peer {
      constructor(...options) {
        super(...options);
        peers.push(this);
      }
    };
    known.add(Followed);
    inner.RTCPeerConnection = Followed;
  }
}

function average(report, now, total, count) {
  const before = report.get(now.id);
  const dt = now[total] - (before ? before[total] : 0);
  const dn = now[count] - (before ? before[count] : 0);
  return dn > 0 ? dt / dn : 0;
}

async function measure(peer, before) {
  const stats = new Map();
  (await peer.getStats()).forEach(entry => stats.set(entry.id, entry));
  let sending = 0, roundTrip = 0, showing = 0, fps = 0, shown = false;
  for (const entry of stats.values()) {
    if (entry.type === 'outbound-rtp' && entry.kind === 'video') {
      sending = average(before, entry, 'totalEncodeTime', 'framesEncoded')
        + average(before, entry, 'totalPacketSendDelay', 'packetsSent');
    } else if (entry.type === 'candidate-pair' && entry.nominated) {
      roundTrip = entry.currentRoundTripTime || 0;
    } else if (entry.type === 'inbound-rtp' && entry.kind === 'video') {
      // From the first packet of a frame to its end of decoding.
      showing = average(before, entry, 'totalProcessingDelay', 'framesDecoded');
      const old = before.get(entry.id);
      if (old) {
        const s = (entry.timestamp - old.timestamp) / 1e3;
        fps = s > 0 ? (entry.framesDecoded - old.framesDecoded) / s : 0;
        shown = entry.framesDecoded > old.framesDecoded;
      }
    }
  }
  return { stats, shown, fps, browser_ms: (sending + roundTrip + showing) * 1e3 };
}

async function report({ url, token }) {
  peers = peers.filter(peer => peer.connectionState !== 'closed');
  window.facestreamPeerList = peers;
  const peer = peers.find(each => each.connectionState === 'connected');
  if (!peer || document.hidden) return;
  const measured = await measure(peer, peer.facestreamStats || new Map());
  peer.facestreamStats = measured.stats;
  if (!measured.shown) return;
  const body = JSON.stringify({ browser_ms: measured.browser_ms, fps: measured.fps });
  await fetch(url, {
    method: 'POST', body, keepalive: true,
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
  });
}

export default function ({ data }) {
  followPeers();
  const following = setInterval(followPeers, 250);
  const reporting = setInterval(() => report(data).catch(() => {}), EVERY_MS);
  return () => {
    clearInterval(following);
    clearInterval(reporting);
  };
}
