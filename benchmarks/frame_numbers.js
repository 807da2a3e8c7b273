// Notes when each frame of the camera (__local) and of what came back (__remote) is shown, with
// the number stamped on it by benchmarks/fake_camera.py; -1 where none can be read.
(() => {
  if (window.__hooked) return;
  window.__hooked = true;
  window.__local = [];
  window.__remote = [];
  const decode = (video, mirrored) => {
    const w = video.videoWidth, h = video.videoHeight;
    if (!w) return -1;
    const block = w / 32;
    const canvas = window.__c || (window.__c = document.createElement('canvas'));
    canvas.width = w;
    canvas.height = Math.ceil(block);
    const g = canvas.getContext('2d', { willReadFrequently: true });
    g.drawImage(video, 0, h - block, w, block, 0, 0, w, block);
    const row = g.getImageData(0, Math.floor(block / 2), w, 1).data;
    const bit = i => {
      let x = Math.floor((i + 0.5) * block);
      if (mirrored) x = w - 1 - x;
      return row[4 * x] > 127 ? 1 : 0;
    };
    if (bit(0) !== 1 || bit(1) !== 0) return -1;
    let n = 0;
    for (let i = 0; i < 16; i++) n |= bit(i + 2) << i;
    return n;
  };
  const watch = (video, log) => {
    const step = () => {
      let n = decode(video, false);
      if (n < 0) n = decode(video, true);
      log.push([performance.now(), n]);
      video.requestVideoFrameCallback(step);
    };
    video.requestVideoFrameCallback(step);
  };
  const media = navigator.mediaDevices;
  if (media) {
    const ask = media.getUserMedia.bind(media);
    media.getUserMedia = async constraints => {
      const stream = await ask(constraints);
      if (stream.getVideoTracks().length) {
        const video = document.createElement('video');
        video.muted = true;
        video.srcObject = stream;
        video.play();
        watch(video, window.__local);
      }
      return stream;
    };
  }
  const Peer = window.RTCPeerConnection;
  window.__peers = [];
  if (Peer) {
    window.RTCPeerConnection = function (...rest) {
      const peer = new Peer(...rest);
      window.__peers.push(peer);
      return peer;
    };
    window.RTCPeerConnection.prototype = Peer.prototype;
  }
  // Where the browser's own share of the delay goes: sums of seconds and the counts they are over.
  window.__shares = async () => {
    const peer = window.__peers[window.__peers.length - 1];
    const found = {};
    if (peer) (await peer.getStats()).forEach(s => {
      if (s.type === 'outbound-rtp' && s.kind === 'video')
        Object.assign(found, { encode_s: s.totalEncodeTime, encoded: s.framesEncoded });
      if (s.type === 'inbound-rtp' && s.kind === 'video')
        Object.assign(found, {
          wait_s: s.jitterBufferDelay, waited: s.jitterBufferEmittedCount,
          decode_s: s.totalDecodeTime, decoded: s.framesDecoded,
        });
    });
    return found;
  };
  setInterval(() => {
    for (const video of document.querySelectorAll('video')) {
      if (!video.__watched && video.videoWidth) {
        video.__watched = true;
        watch(video, window.__remote);
      }
    }
  }, 100);
})();
