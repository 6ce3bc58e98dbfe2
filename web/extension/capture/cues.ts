/** A video and a stretch of it go in, what its loaded captions say around that time comes out. */

import { cutTo, LIMITS } from "../../library/index.ts";
import { line } from "./head.ts";
import { textIn } from "./native.ts";

const NEAR_S = 15; // seconds before and after
const KINDS: readonly string[] = ["captions", "subtitles"];

/** Return the captions from 15 seconds before to 15 seconds after, one a line, of the track that is shown, else of the first that is loaded. */
export function spokenAround({ textTracks }: HTMLVideoElement, start: number, end: number): string {
  const tracks = [...textTracks].filter(({ kind, cues }) => KINDS.includes(kind) && cues !== null && cues.length > 0);
  const shown = tracks.filter(({ mode }) => mode === "showing");
  for (const { cues } of [...shown, ...tracks]) {
    const lines = [...(cues ?? [])]
      .filter((cue) => cue.startTime <= end + NEAR_S && cue.endTime >= start - NEAR_S)
      .map(wordsOf)
      // Captions that roll up say each line twice.
      .filter((text, place, all) => text !== "" && text !== all[place - 1]);
    if (lines.length > 0) return cutTo(lines.join("\n"), LIMITS.body);
  }
  return "";
}

/** Return the words of a cue without its tags. */
function wordsOf(cue: TextTrackCue): string {
  return cue instanceof VTTCue ? line(textIn(cue.getCueAsHTML()) ?? "") : "";
}
