/** Fills the card templates. They are JSON files beside this one, read once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
// The package's root also declares types for a card schema that drags in the renderer's sources.
import { Template } from 'adaptivecards-templating/lib/template-engine';

export type TemplateName =
  'form' | 'request' | 'progress' | 'outcome' | 'cancel' | 'failure' | 'answer' | 'delivery' | 'loaded';

const loaded = new Map<TemplateName, Template>();

function templateOf(name: TemplateName): Template {
  const known = loaded.get(name);
  if (known) return known;
  const template = new Template(
    JSON.parse(readFileSync(join(__dirname, 'templates', `${name}.json`), 'utf8')),
  );
  loaded.set(name, template);
  return template;
}

/** The template must find every key that it names in the data: missing ones would show as literal text. */
export function fill(
  name: TemplateName,
  data: object,
  more: { actions?: readonly object[]; refresh?: object } = {},
): object {
  const card = templateOf(name).expand({ $root: data }) as object;
  return {
    ...card,
    ...(more.actions && more.actions.length > 0 ? { actions: more.actions } : {}),
    ...(more.refresh ? { refresh: more.refresh } : {}),
  };
}
