/**
 * Every sample card as a browser draws it, at the width of a desktop and of a phone: nothing sticks out, nothing is cut,
 * no markup is left to read. The renderer is the page's own, which is the official library as Teams sets it up.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { renderMessage } from '../../../cards/render';
import { personas } from '../../../infra/local/identities';
import type { Message, Viewer } from '../../../services/restore/messages';
import { setStage, type Stage } from '../../component/local-teams/stage';
import { openBrowser, type Windows } from '../../fixtures/browser-windows';
import { repositoryDir } from '../../fixtures/supervisor/processes';

jest.setTimeout(120_000);

let stage: Stage;
let windows: Windows;

beforeAll(async () => {
  stage = await setStage();
  windows = await openBrowser(stage.teams.origin);
});
afterAll(async () => {
  await windows?.close();
  await stage?.close();
});

const samplesDir = join(repositoryDir, 'cards', 'samples');
const viewers: readonly Viewer[] = ['approver', 'requester', 'reader'];
const circle = {
  teamsId: (id: string): string | undefined =>
    personas.find(({ aadObjectId }) => aadObjectId === id)?.teamsId,
};
const cards = readdirSync(samplesDir).flatMap((file) => {
  const message = JSON.parse(readFileSync(join(samplesDir, file), 'utf8')) as Message;
  return viewers.flatMap((viewer) => {
    const { card } = renderMessage(message, viewer, circle);
    return card ? [{ name: `${file.replace('.json', '')} for a ${viewer}`, card }] : [];
  });
});

interface Drawn {
  readonly name: string;
  readonly text: string;
  /** Elements whose content is wider than they are, or that reach out of the card. */
  readonly sticksOut: readonly string[];
}

/** Runs in the browser, so it is text: the page's module is not one of ours. */
const drawAll = `async (cards, width) => {
  const { renderCard } = await import('/cards.js');
  const drawn = [];
  for (const { name, card } of cards) {
    const { frame } = renderCard(card, { press: () => {}, search: async () => ({ results: [] }) });
    frame.style.cssText = 'width:' + width + 'px;max-width:none';
    for (const folded of ['exact', 'findings'].filter((id) => JSON.stringify(card).includes('"' + id + '"')))
      frame.querySelector('#' + folded)?.style.setProperty('display', 'block');
    document.body.replaceChildren(frame);
    const edge = frame.getBoundingClientRect().right;
    const sticksOut = [...frame.querySelectorAll('*')]
      .filter((node) => node.clientWidth > 0 && getComputedStyle(node).overflowX === 'visible')
      .filter((node) => node.getBoundingClientRect().right > edge + 1 || node.scrollWidth > node.clientWidth + 1)
      .map((node) => node.tagName + '.' + node.className + ': ' + node.textContent.slice(0, 60));
    const fields = [...frame.querySelectorAll('input[type=text], textarea')]
      .filter((field) => field.tagName === 'INPUT' && field.scrollWidth > field.clientWidth)
      .map((field) => 'field: ' + field.value);
    drawn.push({ name, text: frame.innerText, sticksOut: [...sticksOut, ...fields] });
  }
  return drawn;
}`;

async function draw(width: number): Promise<readonly Drawn[]> {
  const page: Page = await windows.open(`${stage.teams.origin}/?as=oncall&chat=db-oncall`);
  await page.getByRole('textbox', { name: 'New post in db-oncall' }).waitFor();
  const drawn = await page.evaluate<readonly Drawn[]>(`(${drawAll})(${JSON.stringify(cards)}, ${width})`);
  await page.close();
  return drawn;
}

test.each([
  ['a phone', 320],
  ['a desktop', 700],
])('on %s nothing sticks out of any card and nothing is cut', async (_, width) => {
  const drawn = await draw(width);
  expect(drawn).toHaveLength(cards.length);
  expect(drawn.filter(({ sticksOut }) => sticksOut.length > 0)).toEqual([]);
  expect(windows.complaints).toEqual([]);
});

test('no markup is left to read on any card', async () => {
  for (const { name, text } of await draw(560)) {
    expect({ name, left: /\*\*|~~|<\/?at>|\\[\\*_[\]()#]|&(amp|lt|gt);|\$\{|\{\{/.exec(text)?.[0] }).toEqual({
      name,
      left: undefined,
    });
    expect(text.trim()).not.toBe('');
  }
});
