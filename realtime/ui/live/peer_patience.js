// Keeps a stream whose connection is silent; part of camera_notice.py, before connection.js.
// A browser calls a connection disconnected after a few seconds without packets, and connected again
// when they return: after a short cut, or on a machine that was too busy. streamlit-webrtc would end
// the stream at once, and starting again is the most expensive thing on a busy machine.
const PATIENCE_MS = 4000;  // while the server answers; packets then come back or never

const patience = {
  peer: null,  // the connection that is disconnected; null if none is
  exhausted: new WeakSet(),  // connections given up
};

// Has a window's connections appear to be connecting while they are disconnected.
function bePatient(window) {
  let { prototype } = window.RTCPeerConnection;  // delay_report.js may have derived a class from it
  while (!Object.hasOwn(prototype, 'connectionState')) prototype = Object.getPrototypeOf(prototype);
  const state = window.facestreamPeerState ||=  // the browser's own, if this is called again
    Object.getOwnPropertyDescriptor(prototype, 'connectionState');
  Object.defineProperty(prototype, 'connectionState', {
    ...state,
    get() {
      const own = state.get.call(this);
      const silent = own === 'disconnected' && !patience.exhausted.has(this);
      if (silent) patience.peer = this;
      else if (patience.peer === this) patience.peer = null;
      return silent ? 'connecting' : own;
    },
  });
}

// To call now and then: gives the silent connection up if the server has answered for long enough.
function losePatience(answersMs) {
  const { peer, exhausted } = patience;
  if (!peer || !answersMs || Date.now() - answersMs < PATIENCE_MS) return;
  exhausted.add(peer);
  peer.dispatchEvent(new Event('connectionstatechange'));
}
