/** Tags, attributes and text are the same wherever the file is cut into pieces. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { Markup } from "./markup.ts";

function eventsOf(pieces: readonly string[], isXml = false): string[] {
  const events: string[] = [];
  const listener = {
    open: (name: string, attributes: ReadonlyMap<string, string>) =>
      events.push(`<${name} ${JSON.stringify([...attributes])}>`),
    close: (name: string) => events.push(`</${name}>`),
    text: (text: string) => {
      // Pieces of text may be of any size.
      if (events.at(-1)?.startsWith("=")) events.push(`${events.pop() ?? ""}${text}`);
      else events.push(`=${text}`);
    },
  };
  const markup = new Markup(listener, { isXml, attributes: new Set(["href", "tags"]) });
  for (const piece of pieces) markup.write(piece);
  const unfinished = markup.end();
  return unfinished === undefined ? events : [...events, `unfinished ${unfinished}`];
}

test("names are in lower case, only wanted attributes are kept, the first of two counts", () => {
  expect(eventsOf(['<A HREF="a&amp;b" ICON="x" href=c TAGS>t&amp;lt;</A>'])).toEqual([
    '<a [["href","a&b"],["tags",""]]>',
    "=t&lt;",
    "</a>",
  ]);
});

test("in XML a tag may close itself and CDATA is text", () => {
  expect(eventsOf(["<post/><x><![CDATA[<b>&amp;]]></x>"], true)).toEqual([
    "<post []>",
    "</post>",
    "<x []>",
    "=<b>&amp;",
    "</x>",
  ]);
});

test("a tag that the file's end cuts off is named", () => {
  expect(eventsOf(['x<a href="y'])).toEqual(["=x", "unfinished a"]);
});

test("it does not matter where the file is cut into pieces", () => {
  const text = `<DL><!-- c --><DT><A HREF="https://a.example/?b=1&amp;c" TAGS='x,y'>T &amp; &eacute;&hellip; t</A><DD>n<br/>&#x1F600;<script>a<b</script></DL>`;
  const whole = eventsOf([text]);
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), text.length];
      expect(eventsOf(places.slice(1).map((end, i) => text.slice(places[i], end)))).toEqual(whole);
    }),
  );
  expect(eventsOf([...text])).toEqual(whole);
});

test("a comment of ten million characters is passed over", () => {
  const piece = "-x".repeat(50_000);
  expect(eventsOf(["<!--", ...Array<string>(100).fill(piece), "--><b>"])).toEqual(["<b []>"]);
});
