import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toUtf16Columns } from '../../../src/core/sarif/columns';
import { logOf, readPlain } from '../../support/sarif';

type Json = Readonly<Record<string, unknown>>;

/** Path or reason of the only location of the only result. */
function locate(artifactLocation: Json, run: Json = {}, root = '/repo'): string {
  const { findings, rejected } = readPlain(
    logOf([{ ruleId: 'R', message: { text: 'm' }, locations: [{ physicalLocation: { artifactLocation } }] }], run),
    root,
  );
  // The finding is there in any case.
  assert.equal(findings.length, 1);
  const [location] = findings[0]?.locations ?? [];
  if (location !== undefined) return location.path;
  const [rejection] = rejected;
  if (rejection === undefined) return 'no location';
  assert.equal(rejection.path, 'runs[0].results[0].locations[0]');
  return `refused: ${rejection.reason}`;
}

describe('SARIF locations', () => {
  const bases = {
    originalUriBaseIds: {
      HOME: { uri: 'file:///repo/' },
      SRC: { uri: 'src/', uriBaseId: 'HOME' },
      NOSLASH: { uri: 'src', uriBaseId: 'HOME' },
      CI: { uri: 'file:///home/runner/project/' },
      CISRC: { uri: 'src/', uriBaseId: 'CI' },
      ROOT: { uri: 'file:///' },
      LOOP: { uri: 'a/', uriBaseId: 'LOOP' },
      LEFT: { uri: 'l/', uriBaseId: 'RIGHT' },
      RIGHT: { uri: 'r/', uriBaseId: 'LEFT' },
      EMPTY: { description: { text: 'not known' } },
    },
  };
  const nested = {
    artifacts: [
      { location: { uri: 'lib/a.zip' } },
      { location: { uri: '/in.js' }, parentIndex: 0 },
      { location: { uri: '/deeper.js' }, parentIndex: 1 },
    ],
  };
  const cases: readonly (readonly [what: string, location: Json, run: Json, path: string | RegExp])[] = [
    ['a relative path', { uri: 'src/a.js' }, {}, 'src/a.js'],
    ['percent-encoding', { uri: 'src/my%20file%C3%A9.js' }, {}, 'src/my fileé.js'],
    ['a percent sign that encodes nothing', { uri: 'src/100%.js' }, {}, 'src/100%.js'],
    ['backslashes', { uri: 'src\\a.js' }, {}, 'src/a.js'],
    ['file: inside', { uri: 'file:///repo/src/a.js' }, {}, 'src/a.js'],
    ['file: with localhost', { uri: 'file://localhost/repo/a.js' }, {}, 'a.js'],
    ['file: with one slash', { uri: 'file:/repo/a.js' }, {}, 'a.js'],
    ['file: with four slashes', { uri: 'file:////repo/a.js' }, {}, 'a.js'],
    ['absolute inside', { uri: '/repo/src/a.js' }, {}, 'src/a.js'],
    ['file: outside', { uri: 'file:///etc/passwd' }, {}, /^refused: .*absolute path outside/],
    ['file: of another host', { uri: 'file://server/share/a.js' }, {}, /^refused: .*outside/],
    ['absolute outside', { uri: '/etc/passwd' }, {}, /^refused: .*outside/],
    ['climbing', { uri: '../../etc/passwd' }, {}, /^refused: .*outside/],
    ['encoded climbing', { uri: '%2e%2e/%2E%2E/etc/passwd' }, {}, /^refused: .*outside/],
    ['doubly encoded climbing', { uri: '%252e%252e/a' }, {}, /^refused: .*percent/],
    ['a drive', { uri: 'C:\\Windows\\win.ini' }, {}, /^refused: .*outside/],
    ['a file: drive', { uri: 'file:///C:/Windows/win.ini' }, {}, /^refused: .*outside/],
    ['UNC', { uri: '\\\\server\\share\\a' }, {}, /^refused: .*outside/],
    ['NUL', { uri: 'a%00.js' }, {}, /^refused: .*control/],
    ['a web address', { uri: 'https://example.org/a.js' }, {}, /^refused: .*not the address of a file/],
    ['a command', { uri: 'command:evil' }, {}, /^refused: .*not the address of a file/],
    ['a base', { uri: 'a.js', uriBaseId: 'HOME' }, bases, 'a.js'],
    ['a base on a base', { uri: 'a.js', uriBaseId: 'SRC' }, bases, 'src/a.js'],
    ['a base without its slash', { uri: 'a.js', uriBaseId: 'NOSLASH' }, bases, 'src/a.js'],
    ['climbing within the bases', { uri: '../a.js', uriBaseId: 'SRC' }, bases, 'a.js'],
    ['climbing out of the bases', { uri: '../../a.js', uriBaseId: 'SRC' }, bases, /^refused: .*outside/],
    ['a base that is not there', { uri: 'a.js', uriBaseId: 'NOPE' }, bases, 'a.js'],
    ['a base that is not known', { uri: 'a.js', uriBaseId: 'EMPTY' }, bases, 'a.js'],
    ['a base that is its own', { uri: 'x.js', uriBaseId: 'LOOP' }, bases, 'x.js'],
    ['bases that are each other’s', { uri: 'lib/x.js', uriBaseId: 'LEFT' }, bases, 'lib/x.js'],
    ['climbing from a base that is its own', { uri: '../x.js', uriBaseId: 'LOOP' }, bases, /^refused: .*outside/],
    ['an absolute uri despite a base', { uri: 'file:///repo/b.js', uriBaseId: 'CI' }, bases, 'b.js'],
    ['a base on the machine of the scan', { uri: 'a.js', uriBaseId: 'CI' }, bases, 'a.js'],
    ['a base on a base there', { uri: 'a.js', uriBaseId: 'CISRC' }, bases, 'src/a.js'],
    ['climbing out of it', { uri: '../a.js', uriBaseId: 'CI' }, bases, /^refused: .*outside/],
    ['an absolute path below it', { uri: 'file:///home/runner/project/lib/a.js' }, bases, 'lib/a.js'],
    [
      'an absolute path below a base near the root of the disk',
      { uri: '/etc/passwd' },
      { originalUriBaseIds: { E: { uri: 'file:///etc/' } } },
      /^refused: .*outside/,
    ],
    [
      'a base near the root of the disk',
      { uri: 'a.js', uriBaseId: 'E' },
      { originalUriBaseIds: { E: { uri: 'file:///src/' } } },
      'a.js',
    ],
    ['the root of the disk as a base', { uri: 'etc/passwd', uriBaseId: 'ROOT' }, bases, /^refused: .*outside/],
    [
      'the working directory of the scan',
      { uri: 'file:///build/x/src/a.js' },
      { invocations: [{ workingDirectory: { uri: 'file:///build/x' } }] },
      'src/a.js',
    ],
    [
      'where the repository stood',
      { uri: 'file:///build/x/src/a.js' },
      { versionControlProvenance: [{ mappedTo: { uri: 'file:///build/x/' } }] },
      'src/a.js',
    ],
    ['an index', { index: 1 }, { artifacts: [{}, { location: { uri: 'b%20c.js' } }] }, 'b c.js'],
    [
      'an index with a base',
      { index: 0 },
      { ...bases, artifacts: [{ location: { uri: 'b.js', uriBaseId: 'SRC' } }] },
      'src/b.js',
    ],
    ['an index of a file inside of another', { index: 2 }, nested, 'lib/a.zip'],
    ['the path and index of such a file', { uri: '/in.js', index: 1 }, nested, 'lib/a.zip'],
    ['an absolute path and the index of what is in no other', { uri: '/in.js', index: 0 }, nested, /^refused: .*outside/],
    ['files that are each inside of the other', { index: 0 }, { artifacts: [{ parentIndex: 0 }] }, /^refused: .*no location/],
    ['an index that leads nowhere', { index: 9 }, { artifacts: [] }, /^refused: .*artifact 9/],
    ['an index -1 without uri', { index: -1 }, {}, 'no location'],
    ['nothing', {}, {}, 'no location'],
  ];
  for (const [what, location, run, expected] of cases) {
    it(`by ${what}`, () => {
      const path = locate(location, run);
      if (typeof expected === 'string') assert.equal(path, expected);
      else assert.match(path, expected);
    });
  }

  it('keep neither the lines nor the fix of a file inside of another', () => {
    const region = { startLine: 3 };
    const artifactLocation = { uri: '/in.js', index: 1 };
    const fixes = [{ artifactChanges: [{ artifactLocation, replacements: [{ deletedRegion: region }] }] }];
    const result = { message: { text: 'm' }, locations: [{ physicalLocation: { artifactLocation, region } }], fixes };
    const { findings, rejected } = readPlain(logOf([result], nested));
    assert.deepEqual(findings[0]?.locations, [{ path: 'lib/a.zip' }]);
    assert.equal(findings[0]?.suggestedFix, undefined);
    assert.match(rejected[0]?.reason ?? '', /inside of `lib\/a\.zip`/);
  });

  it('on Windows', () => {
    assert.equal(locate({ uri: 'file:///C:/Work/src/a.cs' }, {}, 'c:\\work'), 'src/a.cs');
    assert.equal(locate({ uri: 'C:\\work\\src\\a.cs' }, {}, 'c:\\work'), 'src/a.cs');
    assert.match(locate({ uri: '/etc/passwd' }, {}, 'c:\\work'), /^refused/);
  });

  it('say once that they were taken from another machine', () => {
    const at = (uri: string): Json => ({
      message: { text: 'm' },
      locations: [{ physicalLocation: { artifactLocation: { uri, uriBaseId: 'CI' } } }],
    });
    assert.deepEqual(readPlain(logOf([at('a.js'), at('b.js')], bases)).notes, [
      'Places below /home/runner/project/, where the scan ran, were taken relative to the workspace',
    ]);
  });

  it('never lead outside the workspace, whatever uri and bases say', () => {
    const part = fc.constantFrom(
      '..',
      '.',
      '%2e%2e',
      'a',
      'b.js',
      '',
      '%2F',
      '%5c',
      'C:',
      '%00',
      '%252e%252e',
      'file:',
      '//',
      'work',
    );
    const uri = fc
      .tuple(fc.constantFrom('', '/', 'file:///', 'file://h/', '\\\\', 'C:/'), fc.array(part, { maxLength: 5 }))
      .map(([s, p]) => s + p.join('/'));
    fc.assert(
      fc.property(uri, uri, uri, (own, base, outer) => {
        const run = { originalUriBaseIds: { B: { uri: base, uriBaseId: 'O' }, O: { uri: outer } } };
        const path = locate({ uri: own, uriBaseId: 'B' }, run);
        if (path.startsWith('refused: ')) return;
        assert.ok(!path.startsWith('/') && !/^[A-Za-z]:/.test(path), path);
        assert.ok(
          path.split('/').every((segment) => segment !== '..' && segment !== '.' && segment !== ''),
          path,
        );
      }),
      { numRuns: 500, endOnFailure: true },
    );
  });

  describe('regions', () => {
    const cases: readonly (readonly [region: unknown, read: Json])[] = [
      [{ startLine: 2 }, { startLine: 2, endLine: 2 }],
      [
        { startLine: 2, endLine: 4, endColumn: 1 },
        { startLine: 2, endLine: 4, endColumn: 1 },
      ],
      [
        { startLine: 2, startColumn: 5, endColumn: 5 },
        { startLine: 2, startColumn: 5, endLine: 2, endColumn: 5 },
      ],
      [{ startLine: 4, endLine: 2 }, { startLine: 4 }],
      [
        { startLine: 2, startColumn: 5, endColumn: 3 },
        { startLine: 2, startColumn: 5 },
      ],
      [{ startLine: 0, startColumn: 3 }, {}],
      [{ startLine: -1 }, {}],
      [{ startLine: 1.5 }, {}],
      [{ startLine: '7' }, {}],
      [{ startLine: 1e12 }, {}],
      [
        { startLine: 3, startColumn: 0 },
        { startLine: 3, endLine: 3 },
      ],
      [null, {}],
      ['x', {}],
    ];
    for (const [region, read] of cases) {
      it(JSON.stringify(region), () => {
        const result = { message: { text: 'm' }, locations: [{ physicalLocation: { artifactLocation: { uri: 'a' }, region } }] };
        assert.deepEqual(readPlain(logOf([result])).findings[0]?.locations, [{ path: 'a', ...read }]);
      });
    }
  });

  it('count columns in UTF-16 units, also where the scanner counts code points', () => {
    const line = 'a😀b😀c';
    const cases: readonly (readonly [points: number, units: number])[] = [
      [1, 1],
      [2, 2],
      [3, 4],
      [4, 5],
      [5, 7],
      [6, 8],
      [9, 11],
    ];
    for (const [points, units] of cases) {
      const region = toUtf16Columns({ startLine: 1, startColumn: points, endLine: 1, endColumn: points }, 'a', () => line);
      assert.deepEqual(region, { startLine: 1, startColumn: units, endLine: 1, endColumn: units });
    }
  });
});
