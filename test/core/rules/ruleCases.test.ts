import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { treeSitter } from '../../../src/adapters/clients/treeSitter';
import { applyEdits } from '../../../src/core/edits/applyEdits';
import { LineIndex } from '../../../src/core/edits/lineIndex';
import { mapLocation } from '../../support/mapLocation';
import { proposeFix, stillMatches } from '../../../src/core/rules/proposeFix';
import type { Region } from '../../../src/core/rules/proposeFix';
import { rules } from '../../../src/core/rules/rules';

interface RuleCase {
  readonly name: string;
  readonly path?: string;
  readonly packages?: readonly string[];
  readonly at: string;
  readonly before: string;
  readonly after?: string;
  readonly noFix?: string;
}

function regionOf(text: string, at: string): Region {
  const start = text.indexOf(at);
  assert.ok(start >= 0 && !text.includes(at, start + 1), `"${at}" must stand in the code exactly once`);
  const index = new LineIndex(text);
  const from = index.positionAt(start);
  const to = index.positionAt(start + at.length);
  return { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column };
}

const crlf = (text: string): string => text.replaceAll('\n', '\r\n');

for (const rule of rules) {
  describe(`rule ${rule.id}`, () => {
    const file = path.resolve(import.meta.dirname, `../../fixtures/rules/${rule.id}.yaml`);
    const cases = parse(readFileSync(file, 'utf8')) as readonly RuleCase[];

    it('has five cases that must change and five that must not, at least', () => {
      assert.ok(cases.filter((one) => one.after !== undefined).length >= 5);
      assert.ok(cases.filter((one) => one.noFix !== undefined).length >= 5);
    });

    for (const one of cases) {
      const source = { path: one.path ?? 'src/a.js', text: one.before, packages: one.packages ?? [] };
      const region = regionOf(one.before, one.at);
      if (one.after === undefined) {
        it(`leaves alone: ${one.name}`, async () => {
          const fix = await proposeFix(rule, source, region, treeSitter);
          assert.ok('because' in fix, 'after' in fix ? fix.after : '');
          assert.match(fix.because, new RegExp(one.noFix ?? ''));
        });
        continue;
      }
      const after = one.after;
      it(`changes: ${one.name}`, async () => {
        const fix = await proposeFix(rule, source, region, treeSitter);
        assert.ok('after' in fix, 'because' in fix ? fix.because : '');
        assert.equal(fix.after, after);
        assert.equal(applyEdits(one.before, fix.edits), after);
        // The detector says what the proof needs: at fault before, and no longer after.
        assert.equal(await stillMatches(rule, source, region, treeSitter), true);
        const moved = mapLocation(one.before, after, region);
        assert.equal(await stillMatches(rule, { ...source, text: after }, moved, treeSitter), false);
        assert.equal(await stillMatches(rule, { ...source, text: after }, region, treeSitter), false);
      });
      it(`changes with CRLF: ${one.name}`, async () => {
        const text = crlf(one.before);
        const fix = await proposeFix(rule, { ...source, text }, regionOf(text, crlf(one.at)), treeSitter);
        assert.ok('after' in fix, 'because' in fix ? fix.because : '');
        assert.equal(fix.after, crlf(after));
      });
      it(`changes where only the line is known: ${one.name}`, async () => {
        const { startLine } = region;
        const fix = await proposeFix(rule, source, { ...(startLine === undefined ? {} : { startLine }) }, treeSitter);
        assert.ok('after' in fix, 'because' in fix ? fix.because : '');
        assert.equal(fix.after, after);
      });
    }
  });
}
