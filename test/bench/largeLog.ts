import { nativeSha256 } from '../../src/adapters/clients/nativeSha256';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../../src/core/log/canonicalJson';
import { emptyHead, entryHash, entryLine } from '../../src/core/log/chain';
import { saltedDigest } from '../../src/core/log/digest';
import { stages } from '../../src/core/model/stage';
import { LogBook } from '../support/logBook';

/** A sealed run log on the disk, as long years of work would leave it: runs of 25 entries, thirteen of the run and twelve of its rollout. */
export class LargeLog {
  readonly folder = mkdtempSync(join(tmpdir(), 'patchline-log-'));
  /** A run in the middle of its rollout, the last one. */
  readonly lastRun: string;
  readonly lines: readonly string[];

  constructor(readonly entries: number) {
    const book = new LogBook('0'.repeat(8));
    const at = (n: number): string => new Date(Date.UTC(2024, 0, 1) + n * 600_000).toISOString();
    const time = (): string => at(book.entries.length);
    let run = '';
    for (let index = 1; book.entries.length < entries; index++) {
      run = `pl-${index.toString(16).padStart(16, '0')}-1`;
      book.begin(time(), run, time());
      for (const stage of stages.slice(0, 6)) for (const name of ['one', 'two']) book.step(time(), run, stage, name);
      book.rollout(time(), run, 'orders', 'planned');
      for (let look = 0; look < 10; look++) {
        const reading = {
          metric: 'errors',
          step: 0,
          at: time(),
          from: time(),
          canary: { kind: 'ratio', events: look, total: 200, cumulative: false },
        } as const;
        book.rollout(time(), run, 'orders', { event: 'looked', readings: [reading], verdicts: [] });
      }
      book
        .step(time(), run, 'rollout', 'rollout')
        .step(time(), run, 'monitoring', 'close', index % 2 === 0 ? 'closed' : 'waiting');
    }
    this.lastRun = run;
    const chain = '00000000-0000-4000-8000-000000000000';
    const lines: string[] = [];
    const payloads: string[] = [];
    let head = emptyHead;
    for (const { time: when, actor, kind, body, identity } of book.entries.slice(0, entries)) {
      const digest = saltedDigest('salt', identity ?? '', nativeSha256);
      const content = {
        v: 1,
        chain,
        time: when,
        actor: { ...actor, digest },
        kind,
        body,
        n: head.n + 1,
        prev: head.hash,
      } as const;
      const entry = { ...content, hash: entryHash(content, nativeSha256) };
      head = { n: entry.n, hash: entry.hash };
      lines.push(entryLine(entry));
      payloads.push(`${canonicalJson({ n: entry.n, salt: 'salt', identity: identity ?? '' })}\n`);
    }
    this.lines = lines;
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(join(this.folder, `${chain}.jsonl`), lines.join(''));
    writeFileSync(join(this.folder, `${chain}.private.jsonl`), payloads.join(''));
    writeFileSync(join(this.folder, 'writer.json'), JSON.stringify({ chain }));
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
