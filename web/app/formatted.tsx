/** The words of a cutout go in; they are shown as they looked on their page where that is kept, else in a field. */

import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Field, inLanguage } from "./form.tsx";
import { complain } from "./state.ts";

interface WordsProps {
  readonly body: string;
  /** As the page wrote them, or "". */
  readonly html: string;
  readonly language: string;
  readonly isEdit: boolean;
}

/** Words to read, with a button that leads to the field where they can be changed. */
export function Words({ body, html, language, isEdit }: WordsProps) {
  const isPlain = useSignal(isEdit);
  const isAsked = useRef(false);
  useLayoutEffect(() => {
    if (isPlain.value && isAsked.current) document.getElementById("field-body")?.focus();
  }, [isPlain.value]);
  if (html === "" || isPlain.value) {
    const hint = html === "" ? {} : { hint: "If you change it, it no longer looks as it did on its page." };
    return <Field name="body" label="Text" rows={8} value={body} language={language} {...hint} />;
  }
  const change = () => {
    isAsked.current = true;
    isPlain.value = true;
  };
  return (
    <div class="field">
      <div class="caption">
        <span id="formatted-name">Text</span>
        <button type="button" onClick={change}>
          Change
          <span class="unseen"> the text</span>
        </button>
      </div>
      <Formatted {...{ html, body, language }} onNone={() => (isPlain.value = true)} />
    </div>
  );
}

interface FormattedProps extends Omit<WordsProps, "isEdit"> {
  /** Told when there is nothing that can be shown so. */
  onNone(): void;
}

function Formatted({ html, body, language, onNone }: FormattedProps) {
  const box = useRef<HTMLDivElement>(null);
  const isShown = useSignal(false);
  useLayoutEffect(() => {
    let isGone = false;
    const show = async () => {
      const { cleaned } = await import("./clean.ts"); // the list is there sooner without it
      if (isGone) return;
      const fragment = cleaned(html);
      if (fragment === null) onNone();
      else box.current?.replaceChildren(fragment);
      isShown.value = true;
    };
    show().catch((error: unknown) => {
      if (isGone) return;
      onNone();
      complain(error);
    });
    return () => {
      isGone = true;
    };
  }, [html]);
  const about = { class: "formatted", role: "region", "aria-labelledby": "formatted-name", dir: "auto" } as const;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled has to be by keyboard too
    <div {...about} tabIndex={0} {...inLanguage(language)}>
      {!isShown.value && <div class="unformatted">{body}</div>}
      <div ref={box} />
    </div>
  );
}
