/** Serves the page and the two libraries it draws with, all from this machine, under a strict content policy. */
import { Router, static as serveFolder, type RequestHandler } from 'express';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const resolver = createRequire(__filename);
const pageFolder = join(__dirname, 'page');

const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const strictHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'Content-Security-Policy': CONTENT_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-cache',
  });
  next();
};

export function pageRouter(): Router {
  const router = Router();
  const file =
    (path: string): RequestHandler =>
    (_request, response) => {
      response.sendFile(path, { dotfiles: 'allow' });
    };
  const cardsFolder = dirname(resolver.resolve('adaptivecards/dist/adaptivecards.min.js'));
  const markdownFolder = dirname(resolver.resolve('markdown-it'));
  router.use(strictHeaders);
  router.get('/vendor/adaptivecards.js', file(join(cardsFolder, 'adaptivecards.min.js')));
  router.get('/vendor/markdown-it.js', file(join(markdownFolder, 'browser', 'markdown-it.esm.min.mjs')));
  router.use(serveFolder(pageFolder, { dotfiles: 'allow' }));
  return router;
}
