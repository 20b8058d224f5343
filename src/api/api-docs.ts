/** `/openapi.json` and `/docs`. What makes them is loaded when somebody asks. */
import type { HttpServer } from '../control/http-server.ts';
import { OPENAPI_PATH, STYLE_PATH } from './docs-paths.ts';
import type { WebLogin } from './web-login.ts';
import { CONTENT_POLICY, NOT_LOGGED_IN_PAGE, sendPage } from './web-pages.ts';

export function serveApiDocs(server: HttpServer, login: WebLogin): void {
  server.app.get(OPENAPI_PATH, async () => (await import('./openapi.ts')).makeOpenApi());
  server.app.get('/docs', { config: { access: 'open' } }, async (request, reply) => {
    if (!login.mayRead(request)) return sendPage(reply, 401, NOT_LOGGED_IN_PAGE);
    const [{ makeOpenApi }, { docsPage }] = await Promise.all([import('./openapi.ts'), import('./docs-page.ts')]);
    return reply.type('text/html; charset=utf-8').header('content-security-policy', CONTENT_POLICY).send(docsPage(makeOpenApi()));
  });
  server.app.get(STYLE_PATH, async (_request, reply) => reply.type('text/css; charset=utf-8').send((await import('./docs-page.ts')).DOCS_STYLE));
}
