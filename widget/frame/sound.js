// A short sound for a person's reply that nobody looks at. Browsers allow it once the visitor has clicked in the chat.

import { settings } from "./page.js";

let context;

export function playSound() {
  if (!settings.sound || settings.preview || !navigator.userActivation?.hasBeenActive) return;
  context ??= new AudioContext();
  for (const [at, pitch] of [[0, 660], [0.12, 880]]) {
    const tone = new OscillatorNode(context, { frequency: pitch });
    const volume = new GainNode(context, { gain: 0 });
    const begin = context.currentTime + at;
    volume.gain.setValueAtTime(0.0001, begin);
    volume.gain.exponentialRampToValueAtTime(0.1, begin + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.28);
    tone.connect(volume).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + 0.3);
  }
}
