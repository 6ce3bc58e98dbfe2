/** Which icons of a tab are kept: bytes that the browser had, small, and no markup. */

import { expect, test } from "vitest";
import { bytesOfBase64 } from "../library/index.ts";
import { iconIn } from "./icon.ts";

const PNG = "iVBORw0KGgo=";

test("an icon that the tab tells as bytes is kept as they are", () => {
  expect(iconIn(`data:image/png;base64,${PNG}`)).toEqual({ type: "image/png", base64: PNG });
  expect([...bytesOfBase64(PNG)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
});

test.each([
  [undefined],
  [""],
  ["https://example.org/favicon.ico"],
  ["data:image/svg+xml;base64,PHN2Zy8+"],
  ["data:text/html;base64,PHN2Zy8+"],
  ["data:image/png,%89PNG"],
  ["data:image/png;base64,"],
  ["data:image/png;base64,iVB"],
  ["data:image/png;base64,iVBORw0KGgo=#"],
  [`data:image/png;base64,${"AAAA".repeat(10_668)}`],
])("no icon is kept of %.60s", (address) => {
  expect(iconIn(address)).toBeNull();
});
