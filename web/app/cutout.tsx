/** What opens above the list for one cutout: a new one to write, or one to look at and change. */

import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Cutout, type Edit, placeOf } from "../library/index.ts";
import { focusActiveLine } from "./focus.ts";
import { Field, Form, inLanguage } from "./form.tsx";
import { Words } from "./formatted.tsx";
import { host } from "./host.ts";
import { dayOf, KIND_NAMES, Site } from "./list.tsx";
import { linkText, timeOf, whereabouts, writtenMoment } from "./moment.ts";
import { Picture } from "./picture.tsx";
import { close, Sheet } from "./sheets.tsx";
import { addTag, ask, complain, contents, editCutout, save, showLike, titleOf, trash } from "./state.ts";
import { TagField } from "./tagfield.tsx";
import { Cross, TagList } from "./tags.tsx";

export function NewSheet() {
  const given = useSignal<readonly string[]>([]);
  const onSave = ({ body = "", title = "", address = "" }: Readonly<Record<string, string>>) => {
    if (`${body}${title}${address}`.trim() === "") return null;
    return save({ body, title, address, tags: given.value });
  };
  return (
    <Sheet title="New cutout">
      <Form onSave={onSave}>
        <Field
          name="body"
          label="Text or address"
          rows={6}
          isFirst
          hint="Paste or write. An address alone is saved as a page."
        />
        <Field name="title" label="Title" />
        <Field name="address" label="Where it is from" />
        <TagField label="Add a tag" onTag={(name) => (given.value = [...new Set([...given.value, name])])} />
        {given.value.length > 0 && (
          <ul class="tags" aria-label="Tags">
            {given.value.map((name) => (
              <li class="chip own" key={name}>
                <span dir="auto">{name}</span>
                <button
                  type="button"
                  aria-label={`Remove ${name}`}
                  onClick={() => (given.value = given.value.filter((other) => other !== name))}
                >
                  <Cross />
                </button>
              </li>
            ))}
          </ul>
        )}
      </Form>
    </Sheet>
  );
}

/** A cutout; `isEdit` takes the focus into its first field, where a phone would show its keyboard. */
export function CutoutSheet({ cutoutKey, isEdit }: { cutoutKey: string; isEdit: boolean }) {
  const cutout = useSignal<Cutout | null>(null);
  const hint = useSignal("");
  useEffect(() => {
    void ask("get", { key: cutoutKey }).then((found) => {
      cutout.value = found;
    });
  }, [cutoutKey, contents.value]); // drawn anew when anything changed, such as a tag that was kept
  if (cutout.value === null) return null;
  const { title, body, note, address, asset, tags, kind, created, key, language, site, icon, source } = cutout.value;
  const { html = "", description = "" } = source ?? {};
  const place = placeOf(cutout.value);
  const { anchor } = cutout.value;
  const onSave = (fields: Readonly<Record<string, string>>) => {
    const moment = kind === "video" ? writtenMoment(anchor, fields.start ?? "", fields.end ?? "") : null;
    const edit = { ...changed({ title, body, note, address }, fields), ...(moment !== null && { moment }) };
    return Object.keys(edit).length > 0 ? editCutout(key, edit) : Promise.resolve(true);
  };
  return (
    <Sheet title={title || KIND_NAMES[kind]} language={title === "" ? "" : language}>
      <Form onSave={onSave} actions={<Actions cutout={cutout.value} />}>
        <p class="source">
          <span class={`kind ${kind}`}>{KIND_NAMES[kind]}</span>
          {site !== "" && <Site name={site} icon={icon} />}
          <span>Saved {dayOf(created)}</span>
          {place !== null && (
            <a
              href={place}
              target="_blank"
              rel="noreferrer noopener"
              onClick={(event) => void follow(event, cutout.value, hint)}
            >
              {linkText(cutout.value)}
            </a>
          )}
        </p>
        {hint.value !== "" && (
          <p class="hint" role="status" dir="auto">
            {hint.value}
          </p>
        )}
        {description !== "" && !isSame(description, body) && (
          <p class="description" dir="auto" {...inLanguage(language)}>
            {description}
          </p>
        )}
        {asset !== null && <Picture sha256={asset} title={title} />}
        <Field name="title" label="Title" value={title} isFirst={isEdit} language={language} />
        {kind === "video" && (
          <div class="part">
            <Field name="start" label="From" value={timeOf(anchor?.start)} />
            <Field name="end" label="To" value={timeOf(anchor?.end)} />
          </div>
        )}
        {(body !== "" || kind === "text") && <Words {...{ body, html, language, isEdit }} />}
        <Field name="note" label="Note" rows={3} value={note} />
        <Field name="address" label="Address" value={address} />
        <TagList of={tags} on={key} />
        <TagField label="Add a tag" onTag={(name) => void addTag([key], name)} />
      </Form>
    </Sheet>
  );
}

/** Whether a page says of itself what was cut out of it. */
function isSame(description: string, body: string): boolean {
  const [said, saved] = [description, body].map((text) => text.replace(/\s+/g, " ").trim());
  return said === saved;
}

/** Return the fields that were changed; a field knows one kind of line break only. */
function changed(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): Edit {
  const edits = Object.entries(before).filter(([name, text]) => {
    const typed = after[name];
    return typed !== undefined && typed !== text.replace(/\r\n?/g, "\n");
  });
  return Object.fromEntries(edits.map(([name]) => [name, after[name]]));
}

function Actions({ cutout: { key, title, body, address, trashed } }: { cutout: Cutout }) {
  return (
    <>
      <button
        type="button"
        onClick={() => {
          void trash([key], { isTrashed: trashed === null });
          close();
        }}
      >
        {trashed === null ? "Move to the trash" : "Take out of the trash"}
      </button>
      <button
        type="button"
        onClick={() => {
          void showLike(key, titleOf({ title, body, address })).then(focusActiveLine);
          close();
        }}
      >
        More like this
      </button>
    </>
  );
}

/** In an extension's panel, a page opens in the tab beside it; where nothing leads to the place, it is said. */
async function follow(event: Event, cutout: Cutout | null, hint: Signal<string>): Promise<void> {
  if (host.value === null || cutout === null) return;
  event.preventDefault();
  hint.value = "";
  try {
    if (!(await host.value.open(cutout))) hint.value = whereabouts(cutout);
  } catch (error) {
    complain(error);
  }
}
