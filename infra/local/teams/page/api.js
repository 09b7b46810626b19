// The persona API, as this page uses it. A refusal becomes an Error whose message is the sentence to show.

async function call(path, body) {
  let response;
  try {
    response = await fetch(path, {
      method: body ? 'POST' : 'GET',
      headers: body ? { 'Content-Type': 'application/json' } : {},
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  } catch {
    throw new Error('Local Teams cannot be reached. Is it still running?');
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new Error(
    typeof answer.error === 'string' ? answer.error : 'That did not work. Try again in a moment.',
  );
}

const query = (parts) => new URLSearchParams(parts).toString();

export const api = {
  personas: () => call('/local/personas'),
  conversations: (as) => call(`/local/conversations?${query({ as })}`),
  view: (as, conversation) => call(`/local/view?${query({ as, conversation })}`),
  say: (body) => call('/local/say', body),
  click: (body) => call('/local/click', body),
  search: (body) => call('/local/search', body),
  deliverAgain: (messageId) => call('/local/deliver-again', { messageId }),
  live: (as, conversation) => new EventSource(`/local/live?${query({ as, conversation })}`),
};
