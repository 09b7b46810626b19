/** The samples of all cards, the people in them, and ways to look into a card. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Circle } from '../../../cards/circle';
import { renderMessage } from '../../../cards/render';
import type { Message, RequestMessage, Viewer } from '../../../services/restore/messages';

export const samplesDir = resolve(__dirname, '..', '..', '..', 'cards', 'samples');
export const templatesDir = resolve(samplesDir, '..', 'templates');

export const sampleNames = readdirSync(samplesDir)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''));

/** A fresh copy each time; samples.test.ts shows that the files have the type. */
export const sample = (name: string): Message =>
  JSON.parse(readFileSync(join(samplesDir, `${name}.json`), 'utf8')) as Message;

export const requestSample = (name: string): RequestMessage => sample(name) as RequestMessage;

export const viewers: readonly Viewer[] = ['approver', 'requester', 'signed', 'on-call', 'reader'];

/** Everybody is known by a Teams id made from the Entra id. */
export const circle: Circle = { teamsId: (aadObjectId) => `29:${aadObjectId}` };
/** Nobody has been met yet. */
export const strangers: Circle = { teamsId: () => undefined };

export type Node = Readonly<Record<string, unknown>>;

export function cardOf(message: Message, viewer: Viewer = 'reader', known: Circle = circle): Node {
  return renderMessage(message, viewer, known).card as Node;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** Every object in a card, the card itself first, in reading order. */
export function nodesOf(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesOf);
  if (!isNode(value)) return [];
  return [value, ...Object.values(value).flatMap(nodesOf)];
}

export const ofType = (card: unknown, type: string): Node[] =>
  nodesOf(card).filter((node) => node['type'] === type);

/** What a person reads: text blocks, runs and facts, where markdown or formatting could happen. Choices are plain text. */
export const readTexts = (card: unknown): string[] =>
  nodesOf(card).flatMap((node) => {
    if (node['type'] === 'TextBlock' || node['type'] === 'TextRun') return [String(node['text'])];
    if (node['type'] !== 'FactSet') return [];
    return nodesOf(node['facts']).flatMap(({ title, value }) => [String(title), String(value)]);
  });

/** What can be chosen from, as it is shown: lists of inputs, which no client reads as markdown. */
export const choiceTitles = (card: unknown): string[] =>
  nodesOf(card)
    .filter(({ type }) => type === 'Input.ChoiceSet')
    .flatMap(({ choices }) => nodesOf(choices).map(({ title }) => String(title)));

/** Buttons that reach the bot, wherever they stand; folds only move what is on the card. */
export const buttonsOf = ({ refresh: _, ...card }: Node): Node[] => ofType(card, 'Action.Execute');

export const titlesOf = (card: Node): string[] => buttonsOf(card).map(({ title }) => String(title));
