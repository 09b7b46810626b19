/** The HTTP face of the people: used by the page, by checks and by demos alike. */
import { json, Router, type ErrorRequestHandler, type Request } from 'express';
import { z } from 'zod';
import { personas, tenantId, type Persona } from '../identities';
import type { Chat } from './chat';
import { conversations, findConversation, findPersona, type Conversation } from './conversations';
import type { Live } from './live';
import type { MessageStore } from './messages';
import type { PersonalCards } from './personal-cards';
import { Refusal } from './refusal';
import { isNewsSince, seenBy } from './seen-messages';

export interface PersonaApiParts {
  readonly store: MessageStore;
  readonly chat: Chat;
  readonly live: Live;
  readonly personalCards: PersonalCards;
  /** Takes the bot out of a conversation or puts it back, and tells it so. */
  readonly setInstalled: (conversation: Conversation, isInstalled: boolean) => Promise<void>;
}

const place = { as: z.string(), conversation: z.string() };
const onMessage = { ...place, messageId: z.string() };
const sayBody = z.object({ ...place, text: z.string().min(1), replyTo: z.string().nullish() });
const clickBody = z
  .object({
    ...onMessage,
    title: z.string().optional(),
    verb: z.string().optional(),
    inputs: z.record(z.unknown()).optional(),
    data: z.unknown(),
  })
  .refine((body) => body.title !== undefined || body.verb !== undefined, 'title or verb: one is required');
const searchBody = z.object({
  ...onMessage,
  inputId: z.string(),
  query: z.string(),
  /** What the person has typed into the other inputs since the card came. */
  inputs: z.record(z.unknown()).optional(),
});
const invokeBody = z.object({ ...place, activity: z.record(z.unknown()) });
const againBody = z.object({ messageId: z.string() });
const installBody = z.object({ conversation: z.string(), installed: z.boolean() });

/** Mount under `/local`, behind the guard. */
export function personaRouter(parts: PersonaApiParts): Router {
  const router = Router();
  router.use(json({ limit: '2mb' }));
  readingRoutes(router, parts);
  actingRoutes(router, parts);
  router.use(answerRefusal);
  return router;
}

function readingRoutes(router: Router, { store, live, personalCards }: PersonaApiParts): void {
  router.get('/personas', (_request, response) => {
    response.json(
      personas.map(({ persona, name, role, aadObjectId, teamsId }) => ({
        persona,
        name,
        role,
        aadObjectId,
        teamsId,
        tenantId,
      })),
    );
  });
  router.get('/conversations', (request, response) => {
    const person = findPersona(queryText(request, 'as'));
    const mine = conversations.filter(({ members }) => members.includes(person));
    response.json(
      mine.map(({ id, name, kind }) => ({
        id,
        name,
        kind,
        lastMessageAt: store.of(id).at(-1)?.createdAt ?? null,
      })),
    );
  });
  router.get('/view', async (request, response) => {
    const { person, conversation } = whoAndWhere(
      queryText(request, 'as'),
      queryText(request, 'conversation'),
    );
    const since = queryText(request, 'since');
    if (since && !/^\d+$/.test(since) && Number.isNaN(Date.parse(since))) {
      throw new Refusal(400, `"since" is "${since}", which is neither a message id nor a time.`);
    }
    await personalCards.open(conversation, person);
    const messages = store
      .of(conversation.id)
      .filter((message) => !since || isNewsSince(since, person, message))
      .map((message) => seenBy(person, message));
    response.json({ messages });
  });
  router.get('/live', (request, response) => {
    const { person, conversation } = whoAndWhere(
      queryText(request, 'as'),
      queryText(request, 'conversation'),
    );
    live.add({ person, openConversation: conversation.id, response });
  });
}

function actingRoutes(router: Router, { chat, setInstalled }: PersonaApiParts): void {
  router.post('/say', async (request, response) => {
    const body = read(sayBody, request);
    const { person, conversation } = whoAndWhere(body.as, body.conversation);
    response.json(await chat.say(person, conversation, body.text, body.replyTo ?? undefined));
  });
  router.post('/click', async (request, response) => {
    const body = read(clickBody, request);
    const { person, conversation } = whoAndWhere(body.as, body.conversation);
    response.json(await chat.press(person, conversation, body.messageId, body));
  });
  router.post('/search', async (request, response) => {
    const body = read(searchBody, request);
    const { person, conversation } = whoAndWhere(body.as, body.conversation);
    response.json({ results: await chat.search(person, conversation, body.messageId, body) });
  });
  router.post('/invoke', async (request, response) => {
    const body = read(invokeBody, request);
    const { person, conversation } = whoAndWhere(body.as, body.conversation);
    response.json(plainAnswer(await chat.invoke(person, conversation, body.activity)));
  });
  router.post('/deliver-again', async (request, response) => {
    response.json(plainAnswer(await chat.deliverAgain(read(againBody, request).messageId)));
  });
  router.post('/installation', async (request, response) => {
    const body = read(installBody, request);
    const conversation = conversations.find(({ id }) => id === body.conversation);
    if (!conversation) throw new Refusal(404, `There is no conversation "${body.conversation}".`);
    await setInstalled(conversation, body.installed);
    response.json({ conversation: conversation.id, installed: body.installed });
  });
}

function plainAnswer(answer: Awaited<ReturnType<Chat['invoke']>>): { status: number; body: unknown } {
  if (answer.kind === 'answered') return { status: answer.status, body: answer.body };
  return { status: answer.kind === 'refused' ? 502 : 504, body: { error: answer.reason } };
}

function whoAndWhere(as: string, conversationId: string): { person: Persona; conversation: Conversation } {
  const person = findPersona(as);
  return { person, conversation: findConversation(conversationId, person) };
}

function queryText(request: Request, name: string): string {
  const value = request.query[name];
  return typeof value === 'string' ? value : '';
}

function read<Shape extends z.ZodTypeAny>(shape: Shape, request: Request): z.infer<Shape> {
  const result = shape.safeParse(request.body);
  if (result.success) return result.data as z.infer<Shape>;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim());
  throw new Refusal(400, `The request is not complete: ${problems.join('; ')}.`);
}

const answerRefusal: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (error instanceof Refusal) {
    response.status(error.status).json({ error: error.message, ...error.details });
  } else if (error instanceof SyntaxError) {
    response.status(400).json({ error: 'The body is not JSON.' });
  } else next(error);
};
