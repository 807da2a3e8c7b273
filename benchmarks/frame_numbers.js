// Logs when each frame of the camera (__local) and of the server's video (__remote) is shown, with
// the number encoded in it by benchmarks/fake_camera.py, or -1 if it cannot be read.
(() => {
  if (window.__frameLogger) return;
  window.__frameLogger = true;
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
  const logFrames = (video, log) => {
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
    const getUserMedia = media.getUserMedia.bind(media);
    media.getUserMedia = async constraints => {
      const stream = await getUserMedia(constraints);
      if (stream.getVideoTracks().length) {
        const video = document.createElement('video');
        video.muted = true;
        video.srcObject = stream;
        video.play();
        logFrames(video, window.__local);
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
  // The browser's own part of the latency: total seconds, and the number of frames they cover.
  window.__totals = async () => {
    const peer = window.__peers[window.__peers.length - 1];
    const totals = {};
    if (peer) (await peer.getStats()).forEach(s => {
      if (s.type === 'outbound-rtp' && s.kind === 'video')
        Object.assign(totals, { encode_s: s.totalEncodeTime, encoded: s.framesEncoded });
      if (s.type === 'inbound-rtp' && s.kind === 'video')
        Object.assign(totals, {
          wait_s: s.jitterBufferDelay, waited: s.jitterBufferEmittedCount,
          decode_s: s.totalDecodeTime, decoded: s.framesDecoded,
        });
    });
    return totals;
  };
  setInterval(() => {
    for (const video of document.querySelectorAll('video')) {
      if (!video.__logged && video.videoWidth) {
        video.__logged = true;
        logFrames(video, window.__remote);
      }
    }
  }, 100);
})();
