import assert from 'node:assert/strict';
import { redact } from '../../../src/core/findings/redact';

const a36 = 'a'.repeat(36);

describe('redact', () => {
  const cases: readonly (readonly [string, string])[] = [
    [`token ghp_${a36} used`, 'token ghp_… used'],
    [`github_pat_${a36}_${a36}`, 'github_pat_…'],
    [`npm_${a36}`, 'npm_…'],
    ['Authorization: Bearer abc.def-123', 'Authorization: Bearer …'],
    ['{"authorization":"token 123456"}', '{"authorization":"token …"}'],
    ['https://ada:secret@example.org/x.git', 'https://…@example.org/x.git'],
    ['//registry.example/:_authToken=abcdef', '//registry.example/:_authToken=…'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig', 'eyJ…'],
    ['nothing to hide at src/x.js:12', 'nothing to hide at src/x.js:12'],
  ];
  for (const [text, clean] of cases) it(`${text.slice(0, 40)} → ${clean}`, () => assert.equal(redact(text), clean));

  it('hides known secrets of any shape', () => assert.equal(redact('key is hunter22, yes', ['hunter22']), 'key is …, yes'));
});
