import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OpenApi } from './openApi';
import { sharedFile } from './sharedFile';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly fields: URLSearchParams;
  readonly authorization: string | undefined;
}

export type Fault = 'slow' | 'cut' | 'garbage' | 'unavailable' | 'huge';

export interface MetricsStandIn {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** What does not fit Prometheus' own description, where that lies beside the repository. */
  readonly violations: readonly string[];
  /** Whether it does. */
  readonly described: boolean;
  /** The next requests get this instead of an answer, until it is taken away. */
  fault: Fault | undefined;
  /** Answer of `/api/v1/query` by the query, status 200 unless it says otherwise. */
  query: (query: string) => { readonly status?: number; readonly body: unknown };
  /** Answer of any other path. */
  page: () => { readonly status?: number; readonly body: string };
  close(): Promise<void>;
}

/** An instant vector as Prometheus gives it. */
export function vector(...values: readonly string[]): unknown {
  return {
    status: 'success',
    data: {
      resultType: 'vector',
      result: values.map((value, index) => ({ metric: { pod: `p-${index}` }, value: [1767436620, value] })),
    },
  };
}

/** A metrics page and Prometheus' query API on loopback. */
export async function startMetricsStandIn(): Promise<MetricsStandIn> {
  const requests: SeenRequest[] = [];
  const violations: string[] = [];
  const file = sharedFile('specs/prometheus.json');
  const api = file === undefined ? undefined : new OpenApi(JSON.parse(readFileSync(file, 'utf8')), ['query', 'query-post']);
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      violations.push(String(error));
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const standIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    violations,
    described: api !== undefined,
    fault: undefined as Fault | undefined,
    query: (_query: string): { status?: number; body: unknown } => ({ body: vector() }),
    page: (): { status?: number; body: string } => ({ body: '' }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', standIn.url);
    let body = '';
    for await (const part of request) body += String(part);
    const method = request.method ?? '';
    const fields = method === 'POST' ? new URLSearchParams(body) : url.searchParams;
    requests.push({ method, path: url.pathname, fields, authorization: request.headers.authorization });
    if (standIn.fault !== undefined) return fail(response, standIn.fault);
    if (!url.pathname.startsWith('/api/v1/')) {
      const { status = 200, body: text } = standIn.page();
      response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4' });
      response.end(text);
      return;
    }
    const { status = 200, body: answer } = standIn.query(fields.get('query') ?? '');
    if (api !== undefined) {
      const form = method === 'POST' ? Object.fromEntries(fields) : undefined;
      const query = method === 'POST' ? new URLSearchParams() : fields;
      const operation = api.match({ method, path: url.pathname.slice('/api/v1'.length), query, body: form });
      if (operation === undefined) violations.push(`${method} ${url.pathname} is not described`);
      else violations.push(...operation.problems, ...api.responseProblems(operation.id, status, answer));
    }
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  }

  return standIn;
}

function fail(response: ServerResponse, fault: Fault): void {
  switch (fault) {
    case 'cut':
      response.writeHead(200, { 'content-length': '1000' });
      response.write('up ');
      setTimeout(() => response.destroy(), 5);
      return;
    case 'garbage':
      response.end('<html>please sign in</html>');
      return;
    case 'unavailable':
      response.writeHead(503);
      response.end('no');
      return;
    case 'huge':
      // More than any adapter reads, in pieces, until the other side has had enough.
      response.writeHead(200);
      for (let sent = 0; sent < 10 && !response.destroyed; sent++) response.write('# '.repeat(1024 * 512));
      response.end();
      return;
    case 'slow':
      // Never answers: the other side must give up.
      return;
  }
}
