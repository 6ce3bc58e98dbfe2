/** A tab goes in; the panel opens beside it. */

/** Open the panel. Where the browser opens none for a click in a page, as Firefox, the app opens in a tab. */
export async function openPanel(tab: chrome.tabs.Tab): Promise<void> {
  const { sidebarAction } = globalThis.chrome as { sidebarAction?: { open(): Promise<void> } };
  if (chrome.sidePanel !== undefined) await chrome.sidePanel.open({ windowId: tab.windowId });
  else
    try {
      await sidebarAction?.open();
    } catch {
      await chrome.tabs.create({ url: chrome.runtime.getURL("panel.html") });
    }
}
