/** What somebody reads who asked for a stop, by button or in words: nothing is stopped before they say yes to it. */
export const askedToStopWords = (requestId: string): string =>
  `Nothing is stopped yet. Answer the question about ${requestId} in its thread.`;
