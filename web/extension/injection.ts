/** A tab goes in; capture.js is brought into its frames, and what it leaves there is called. */

type Target = chrome.scripting.InjectionTarget;

/**
 * Bring the capture into the page; return whether the page takes it. A page of the browser, its store and its viewers do
 * not. Chromium says "the page" where the tab is open to the extension and its process has not heard of that yet: it is
 * told on another line than the script comes on, and now and then later.
 */
export async function inject(target: Target): Promise<boolean> {
  for (const pause of PAUSES_MS) {
    try {
      await chrome.scripting.executeScript({ target, files: ["capture.js"] });
      return true;
    } catch (error) {
      if (!String(error).includes("Cannot access contents of the page")) return false;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return false;
}
const PAUSES_MS = [20, 60, 180, 540, 1620];

/** Return what each frame answers under a name of capture.js, null where it has nothing; the asker checks what is said. */
export async function call<Said>(target: Target, name: string, ...given: unknown[]): Promise<(Said | null)[]> {
  try {
    const answers = await chrome.scripting.executeScript({ target, func: callIn<Said>, args: [name, given] });
    return answers.map(({ result }) => result ?? null);
  } catch {
    return []; // a frame of another site, which the person's click does not open
  }
}

/** Runs in the page: it sees its arguments and nothing else of this file. */
async function callIn<Said>(name: string, given: unknown[]): Promise<Said | null> {
  const found = (globalThis as unknown as Record<string, ((...given: unknown[]) => Promise<Said>) | undefined>)[name];
  return (await found?.(...given)) ?? null;
}
