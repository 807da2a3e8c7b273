// Keeps a stream whose connection is silent; part of camera_notice.py, before connection.js.
// A browser calls a connection disconnected after a few seconds without packets, and connected again
// when they return: after a short cut, or on a machine that was too busy. streamlit-webrtc would end
// the stream at once, and starting again is the most expensive thing on a busy machine.
const PATIENCE_MS = 4000;  // while the server answers; packets then come back or never
const PICTURE_MS = 1500;  // from packets to a picture; later, the server has ended the stream

const patience = {
  peer: null,  // the connection that was disconnected and has not brought a picture since
  silent: false,  // whether it still is
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
      if (patience.exhausted.has(this) && own !== 'closed') return 'disconnected';
      const silent = own === 'disconnected';
      if (silent) patience.peer = this;
      if (patience.peer === this) patience.silent = silent;
      return silent ? 'connecting' : own;
    },
  });
}

// To call now and then without pictures, with the time since which the server answers or 0: gives
// the connection up if they should have come back.
function losePatience(answersMs) {
  const { peer, silent, exhausted } = patience;
  const waitMs = silent ? PATIENCE_MS : PICTURE_MS;
  if (!peer || !answersMs || Date.now() - answersMs < waitMs) return;
  exhausted.add(peer);
  peer.dispatchEvent(new Event('connectionstatechange'));
  patience.peer = null;
}
