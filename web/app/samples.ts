/** Nothing goes in; a few cutouts to try the app with come out, as a file that the library takes in like any other. */

import type { Anchor, Kind } from "../library/index.ts";

interface Sample {
  readonly kind: Kind;
  readonly title: string;
  readonly body: string;
  readonly note?: string;
  readonly address: string;
  readonly anchor?: Anchor;
}

/** Plain facts in our own words, each with a page where more is said. */
export const SAMPLES: readonly Sample[] = [
  {
    kind: "page",
    title: "The space station circles the Earth",
    body: "It flies about 400 kilometres up and needs about 90 minutes for each orbit, so its crew sees some sixteen sunrises a day.",
    address: "https://www.nasa.gov/international-space-station/",
  },
  {
    kind: "text",
    title: "Kepler's third law",
    body: "The square of a planet's orbital period grows with the cube of its distance from the sun. A probe that knows one of the two knows the other.",
    address: "https://en.wikipedia.org/wiki/Kepler%27s_laws_of_planetary_motion",
  },
  {
    kind: "text",
    title: "Countersteering",
    body: "To lean a motorcycle to the left, the rider presses the left handlebar forward for a moment. The front wheel turns right, and the bike falls into the curve on the left.",
    note: "Try it at walking pace first.",
    address: "https://en.wikipedia.org/wiki/Countersteering",
  },
  {
    kind: "page",
    title: "Why a diesel engine has no spark plugs",
    body: "The engine compresses air alone until it is hot enough to light the fuel that is injected. Cars with such an engine need glow plugs in the cold instead.",
    address: "https://en.wikipedia.org/wiki/Diesel_engine",
  },
  {
    kind: "text",
    title: "A perfect game",
    body: "In baseball, a pitcher has a perfect game when no batter of the other team reaches base: 27 up, 27 out, in nine innings.",
    address: "https://en.wikipedia.org/wiki/Perfect_game_(baseball)",
  },
  {
    kind: "text",
    title: "Icing in ice hockey",
    body: "A player shoots the puck from behind the centre line across the other team's goal line, and nobody touches it. Play stops, and the face-off is in the zone of the team that shot.",
    address: "https://en.wikipedia.org/wiki/Icing_(ice_hockey)",
  },
  {
    kind: "page",
    title: "The PNG format",
    body: "PNG is an image file format that keeps every pixel. It holds grey, colour by palette or true colour, with or without transparency, packed by deflate.",
    address: "https://www.w3.org/TR/png/",
  },
  {
    kind: "page",
    title: "TLS 1.3",
    body: "The protocol encrypts what a browser and a server send. Both agree on a key with Diffie-Hellman, and the server signs the handshake with its private key, so a key that is stolen later opens no old session.",
    address: "https://www.rfc-editor.org/rfc/rfc8446",
  },
  {
    kind: "text",
    title: "Measles",
    body: "A disease caused by a virus that spreads through the air. Patients have fever, cough and then a rash; a vaccine of two doses protects most people.",
    address: "https://www.who.int/news-room/fact-sheets/detail/measles",
  },
  {
    kind: "text",
    title: "Ohm's law",
    body: "The current through a resistor is the voltage across it divided by its resistance: 5 volts over 1,000 ohms are 5 milliamperes. An LED without a resistor burns out.",
    address: "https://en.wikipedia.org/wiki/Ohm%27s_law",
  },
  {
    kind: "video",
    title: "Using the web with a keyboard alone",
    body: "A video on people who cannot hold a mouse: every menu and every window has to be reached with the keys.",
    address: "https://www.w3.org/WAI/perspective-videos/keyboard/",
    anchor: { start: 0, end: 15 },
  },
];

/** Return the samples as `cutouts.jsonl` of an export, saved at `now` and in the seconds before. */
export function samplesFile(now: number): File {
  const batch = { source: "samples", at: now };
  const lines = SAMPLES.map((sample, place) =>
    // The key first: so a file of lines is known as the app's own.
    JSON.stringify({ key: `cutouts-sample-${place + 1}`, ...sample, created: now - place * 1000, batch, tags: [] }),
  );
  return new File([lines.join("\n")], "samples.jsonl");
}
