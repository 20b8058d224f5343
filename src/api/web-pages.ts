/** The pages that are there without the dashboard: logging in, and what to do where that is not possible. */
import type { FastifyReply } from 'fastify';

/** Nothing but what this server itself has, and no page of others around it. */
export const CONTENT_POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:", "font-src 'self'",
  "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
].join('; ');

interface Page {
  readonly title: string;
  /** HTML. */
  readonly body: string;
  /** Where the browser goes at once. */
  readonly next?: string;
}

const HOW_TO_LOG_IN = '<p>Run <code>rainstorm dashboard</code> where the leader runs: it prints a link that logs this browser in.</p>';

/**
 * No redirect: one is part of the way that began in another program or site, on which browsers send no such cookie yet. The
 * page itself is ours, so what it leads to is asked for with it.
 */
export const LOGGED_IN_PAGE: Page = { title: 'Logged in', body: '<p>You are logged in. <a href="/">To the dashboard</a></p>', next: '/' };

export const NO_SUCH_LINK_PAGE: Page = { title: 'This link cannot be used', body: `<p>Each link logs in one browser, once, and soon after it was made; this one has been used, is too old, or is none.</p>${HOW_TO_LOG_IN}` };

export const NOT_LOGGED_IN_PAGE: Page = { title: 'Not logged in', body: HOW_TO_LOG_IN };

export const NOT_BUILT_PAGE: Page = { title: 'The dashboard is not there', body: '<p>It is built with the rest: run <code>npm run build</code> in the clone, and load this page again. The API and the command line have all that it shows.</p>' };

export function sendPage(reply: FastifyReply, status: number, page: Page): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').header('content-security-policy', CONTENT_POLICY).send(html(page));
}

function html({ title, body, next }: Page): string {
  const refresh = next === undefined ? '' : `<meta http-equiv="refresh" content="0; url=${next}">`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
${refresh}
<title>${title} – RainStorm</title>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
}
