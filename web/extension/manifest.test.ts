/** The manifests ask for what docs/extension.md says, and for nothing more. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EXTENSION_BROWSERS, manifestFor } from "./manifest.ts";

const EVERYWHERE = ["activeTab", "contextMenus", "scripting", "storage", "unlimitedStorage"];
const PERMISSIONS = { chromium: [...EVERYWHERE, "sidePanel", "offscreen"], firefox: EVERYWHERE };

test.each(EXTENSION_BROWSERS)("the extension for %s asks for these permissions alone", (browser) => {
  const manifest = manifestFor(browser, "1.2.3");
  expect([...(manifest.permissions as string[])].sort()).toEqual([...PERMISSIONS[browser]].sort());
});

test.each(EXTENSION_BROWSERS)("the extension for %s runs in no page and talks to none by itself", (browser) => {
  const manifest = manifestFor(browser, "1.2.3");
  for (const key of [
    "host_permissions",
    "optional_permissions",
    "content_scripts",
    "externally_connectable",
    "web_accessible_resources",
  ])
    expect(manifest).not.toHaveProperty(key);
});

test.each(EXTENSION_BROWSERS)(
  "the extension for %s may ask for one site at a time over a safe line alone",
  (browser) => {
    const { optional_host_permissions: sites } = manifestFor(browser, "1.2.3");
    expect(sites).toEqual(["https://*/*", "http://127.0.0.1/*", "http://localhost/*"]);
  },
);

test.each(EXTENSION_BROWSERS)("pages of the extension for %s load what is in the package alone", (browser) => {
  const policies = manifestFor(browser, "1.2.3").content_security_policy as { extension_pages: string };
  expect(policies.extension_pages).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; /);
  expect(policies.extension_pages).not.toMatch(/https?:|unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)|\*/);
});

test("docs/extension.md gives a reason for each permission", () => {
  const page = readFileSync(new URL("../../docs/extension.md", import.meta.url), "utf8");
  const reasons = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(reasons.sort()).toEqual([...PERMISSIONS.chromium].sort());
});
