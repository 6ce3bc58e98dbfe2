/** The name of a browser goes in, the manifest of the extension for it comes out. */

export const EXTENSION_BROWSERS = ["chromium", "firefox"] as const;
export type ExtensionBrowser = (typeof EXTENSION_BROWSERS)[number];

/** In all browsers: see the tab that a person acts on, add to menus, remember, keep a library, read the page when asked. */
const PERMISSIONS = ["activeTab", "contextMenus", "storage", "unlimitedStorage", "scripting"];
/** To be asked for by name, to join the app's library there or to lead to a place on a page: nothing of it holds before. */
const ASKED_SITES = ["https://*/*", "http://127.0.0.1/*", "http://localhost/*"];
const PANEL = "panel.html";
const TITLE = "Save to Cutouts";
const ICONS = { 16: "icons/16.png", 32: "icons/32.png", 48: "icons/48.png", 128: "icons/128.png" };

// Scripts, styles and answers come from the package alone. WebAssembly is SQLite and, with an ONNX bundle, its engine.
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Return the manifest, which says all that the extension may do. */
export function manifestFor(browser: ExtensionBrowser, version: string): Record<string, unknown> {
  return {
    manifest_version: 3,
    name: "Cutouts",
    version,
    description: "Save pieces of the web, tagged and found again on this device.",
    icons: ICONS,
    action: { default_title: TITLE, default_icon: ICONS },
    content_security_policy: { extension_pages: POLICY },
    optional_host_permissions: ASKED_SITES,
    incognito: "not_allowed", // a private window would leave what it saw in the library
    ...(browser === "chromium" ? chromium() : firefox()),
  };
}

function chromium(): Record<string, unknown> {
  return {
    minimum_chrome_version: "116", // the first to open a side panel when asked
    permissions: [...PERMISSIONS, "sidePanel", "offscreen"],
    background: { service_worker: "background.js" },
    side_panel: { default_path: PANEL },
    commands: commands(),
  };
}

function firefox(): Record<string, unknown> {
  return {
    browser_specific_settings: {
      gecko: {
        id: "cutouts@cutouts.example",
        strict_min_version: "140.0", // the first to read what is said of data
        data_collection_permissions: { required: ["none"] },
      },
    },
    permissions: PERMISSIONS,
    background: { scripts: ["event_page.js"], type: "module" },
    sidebar_action: { default_panel: PANEL, default_title: "Cutouts", default_icon: ICONS, open_at_install: false },
    commands: commands(),
  };
}

function commands(): Record<string, unknown> {
  return { _execute_action: { suggested_key: { default: "Alt+Shift+S" } } };
}
