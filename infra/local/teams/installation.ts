/** Tells the bot once per conversation that it was added there, as soon as the bot can be reached. */
import type { Persona } from '../identities';
import { installationActivities, type Scene } from './activities';
import { pause, type BotEndpoint } from './bot-endpoint';
import { conversations, type Conversation } from './conversations';
import type { MessageStore } from './messages';

const FIRST_PAUSE_MILLISECONDS = 250;
const LONGEST_PAUSE_MILLISECONDS = 2_000;

export interface InstallationOptions {
  readonly store: MessageStore;
  readonly endpoint: BotEndpoint;
  readonly serviceUrl: () => string;
  readonly stopping: AbortSignal;
}

/** Goes through the conversations the bot does not know of yet; ends when all are told or the process stops. */
export async function installEverywhere(options: InstallationOptions): Promise<void> {
  for (const conversation of conversations) {
    const state = options.store.installationOf(conversation.id);
    if (state === 'unknown') await install(conversation, options);
  }
}

async function install(conversation: Conversation, options: InstallationOptions): Promise<void> {
  let pauseMilliseconds = FIRST_PAUSE_MILLISECONDS;
  while (!options.stopping.aborted) {
    if (await announce(conversation, true, options)) {
      options.store.setInstalled(conversation.id, true);
      return;
    }
    await pause(pauseMilliseconds, options.stopping);
    pauseMilliseconds = Math.min(LONGEST_PAUSE_MILLISECONDS, pauseMilliseconds * 2);
  }
}

/** Sends both activities; false when the bot could not be reached or would not listen. */
export async function announce(
  conversation: Conversation,
  isAdded: boolean,
  { endpoint, serviceUrl, store }: InstallationOptions,
): Promise<boolean> {
  const scene: Scene = {
    person: installerOf(conversation),
    conversation,
    serviceUrl: serviceUrl(),
    at: new Date(),
  };
  for (const activity of installationActivities(scene, isAdded, () => store.nextId())) {
    const answer = await endpoint.post(activity);
    if (answer.kind !== 'answered') return false;
    // A bot that has no handler answers 501 and was told all the same; anything else means that it is not ready.
    if (answer.status >= 400 && answer.status !== 501) return false;
  }
  return true;
}

function installerOf(conversation: Conversation): Persona {
  const installer = conversation.members[0];
  if (!installer) throw new Error(`Conversation ${conversation.id} has no members.`);
  return installer;
}
