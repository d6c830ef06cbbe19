// Writes SARIF logs for the benchmark: `node test/bench/sarifGenerator.mjs FILE RESULTS`. About 1.2 KB a result, as large scanners write
// them: rule by id, index and reference, a message with quotes, braces and backticks (one in ten not ASCII), a location with
// snippet, three partial fingerprints, properties; 6 % with code flows and related locations; 400 rules, 12,000 files. The same
// number always gives the same bytes.
import { closeSync, openSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Mulberry32: small, fast, and the same on every machine. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const words = 'user input flows into sink without validation request handler query path builder session token cache value'.split(
  ' ',
);
const levels = ['error', 'warning', 'note'];

function fileName(n) {
  return `src/packages/module-${n % 150}/lib/${words[n % words.length]}/component-${n}.${n % 3 === 0 ? 'tsx' : 'ts'}`;
}

function result(i, next) {
  const rule = Math.floor(next() * 400);
  const file = Math.floor(next() * 12000);
  const line = 1 + Math.floor(next() * 2000);
  const column = 1 + Math.floor(next() * 80);
  const hex = (n) => Array.from({ length: n }, () => Math.floor(next() * 16).toString(16)).join('');
  const text = Array.from({ length: 12 }, () => words[Math.floor(next() * words.length)]).join(' ');
  const place = (l) => ({
    physicalLocation: {
      artifactLocation: { uri: fileName(file), uriBaseId: '%SRCROOT%', index: file },
      region: { startLine: l, startColumn: column, endLine: l, endColumn: column + 24 },
    },
    message: { text: `step through \`${words[l % words.length]}\`` },
  });
  const one = {
    ruleId: `js/rule-${rule}`,
    ruleIndex: rule,
    rule: { id: `js/rule-${rule}`, index: rule, toolComponent: { index: 0 } },
    level: levels[rule % 3],
    message: {
      text: `The value "${words[rule % words.length]}" {${rule}} of \`${words[i % words.length]}\` ${text}${next() < 0.1 ? ' – geprüft, größer als zulässig ✓' : '.'}`,
    },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: fileName(file), uriBaseId: '%SRCROOT%', index: file },
          region: {
            startLine: line,
            startColumn: column,
            endLine: line,
            endColumn: column + 24,
            snippet: {
              text: `  const ${words[i % words.length]} = await db.query("SELECT * FROM t WHERE id = '" + req.query.id + "'");\n`,
            },
          },
        },
      },
    ],
    partialFingerprints: {
      primaryLocationLineHash: `${hex(16)}:1`,
      primaryLocationStartColumnFingerprint: String(column),
      'contextRegionHash/v1': hex(40),
    },
    properties: {
      confidence: 'medium',
      category: 'injection',
      engine: { name: 'dataflow', version: '4.2.1', elapsed: i % 97 },
      kinds: ['taint', 'path'],
    },
  };
  if (i % 16 === 0) {
    one.codeFlows = [{ threadFlows: [{ locations: Array.from({ length: 12 }, (_, s) => ({ location: place(line + s) })) }] }];
    one.relatedLocations = [0, 1].map((id) => ({ id, ...place(line + id) }));
  }
  return one;
}

/** Writes a log of `count` results to `path`; `indent` as for JSON.stringify. Gives its size in bytes. */
export function generateSarif(path, count, indent) {
  const next = random(20240229);
  const rules = Array.from({ length: 400 }, (_, n) => ({
    id: `js/rule-${n}`,
    name: `js/rule-${n}`,
    shortDescription: { text: `Rule ${n}: ${words[n % words.length]}` },
    fullDescription: { text: `A longer account of rule ${n}, ${words.join(' ')}.` },
    helpUri: `https://example.org/rules/${n}`,
    defaultConfiguration: { level: levels[n % 3] },
    properties: {
      tags: ['security', `external/cwe/cwe-${String(20 + (n % 80)).padStart(3, '0')}`],
      'security-severity': String((n % 100) / 10),
    },
  }));
  const artifacts = Array.from({ length: 12000 }, (_, n) => ({
    location: { uri: fileName(n), uriBaseId: '%SRCROOT%', index: n },
  }));
  const file = openSync(path, 'w');
  let size = 0;
  const write = (text) => {
    size += writeSync(file, text);
  };
  const head = JSON.stringify(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'BenchScan', version: '1.0.0' }, extensions: [{ name: 'bench-rules', rules }] },
          originalUriBaseIds: { '%SRCROOT%': { uri: 'file:///build/project/' } },
          artifacts,
          results: ['#'],
          columnKind: 'utf16CodeUnits',
        },
      ],
    },
    null,
    indent,
  );
  const [before, after] = head.split('"#"');
  write(before);
  let batch = [];
  for (let i = 0; i < count; i++) {
    batch.push(JSON.stringify(result(i, next), null, indent));
    if (batch.length === 500 || i === count - 1) {
      write(batch.join(',') + (i === count - 1 ? '' : ','));
      batch = [];
    }
  }
  write(after);
  closeSync(file);
  return size;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [path, count = '100000'] = process.argv.slice(2);
  console.log(`${generateSarif(path, Number(count))} bytes`);
}
