import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseRemoteUrl, parseRepositoryName } from '../../../src/core/git/remoteUrl';

const hello = { host: 'github.com', owner: 'octocat', name: 'hello' };

describe('parseRemoteUrl', () => {
  for (const [url, expected] of [
    ['https://github.com/octocat/hello.git', hello],
    ['https://github.com/octocat/hello', hello],
    ['https://github.com/octocat/hello/', hello],
    ['https://GitHub.com/octocat/hello.git', hello],
    ['https://user:secret@github.com/octocat/hello.git', hello],
    ['git@github.com:octocat/hello.git', hello],
    ['github.com:octocat/hello', hello],
    ['ssh://git@github.com/octocat/hello.git', hello],
    ['ssh://git@ssh.github.com:443/octocat/hello.git', hello],
    ['git+ssh://git@github.com/octocat/hello.git', hello],
    ['org-123@github.com:octocat/hello.git', hello],
    [' https://github.com/octocat/hello.git\n', hello],
    ['https://ghe.example.org:8443/team/a.b-c_d.git', { host: 'ghe.example.org:8443', owner: 'team', name: 'a.b-c_d' }],
    ['ssh://git@ghe.example.org:7999/team/.github.git', { host: 'ghe.example.org', owner: 'team', name: '.github' }],
    ['http://127.0.0.1:8080/o/r.git', { host: '127.0.0.1:8080', owner: 'o', name: 'r' }],
  ] as const) {
    it(`reads ${JSON.stringify(url)}`, () => assert.deepEqual(parseRemoteUrl(url), expected));
  }

  for (const [url, why] of [
    ['ext::sh -c touch% /x', /spaces/],
    ['ext::sh', /remote helper/],
    ['fd::17', /remote helper/],
    ['-oProxyCommand=x@github.com:o/r', /begins with "-"/],
    ['--upload-pack=x', /begins with "-"/],
    ['ssh://-oProxyCommand=x/o/r', /host is no host name|cannot be read/],
    ['ssh://git@-oProxyCommand/o/r', /host is no host name|cannot be read/],
    ['git@-oProxyCommand:o/r', /path, no forge/],
    ['file:///etc/o/r', /file:/],
    ['http://github.com/o/r', /http:/],
    ['git://github.com/o/r', /git:/],
    ['javascript://github.com/o/r', /javascript:/],
    ['/srv/git/o/r.git', /path/],
    ['../o/r', /path/],
    ['C:/o/r', /path/],
    ['C:\\o\\r', /path/],
    ['https://github.com/octocat', /owner\/name/],
    ['https://github.com/a/b/c', /owner\/name/],
    ['https://github.com/../b', /owner\/name/],
    ['https://github.com/a/..', /owner\/name/],
    ['https://github.com/-a/b', /owner\/name/],
    ['https://github.com/a/b%2f..%2fc', /owner\/name/],
    ['https://github.com/a/b?x=1#y', undefined],
    ['git@github.com:o/r\u0000', /control/],
    ['', /no address/],
  ] as const) {
    it(`${why === undefined ? 'takes only the path of' : 'refuses'} ${JSON.stringify(url)}`, () => {
      const parsed = parseRemoteUrl(url);
      if (why === undefined) assert.deepEqual(parsed, { host: 'github.com', owner: 'a', name: 'b' });
      else assert.match('refused' in parsed ? parsed.refused : JSON.stringify(parsed), why);
    });
  }

  it('gives only parts that can do no harm in an address or an argument', () => {
    const unit = fc.constantFrom(...'ab-.:/@ \n%?#\\'.split(''), 'https://', 'ssh://', 'git@', 'h.example', '::', '..');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 20 }), (url) => {
        const parsed = parseRemoteUrl(url);
        if ('refused' in parsed) return;
        assert.match(parsed.host, /^[a-z0-9[][a-z0-9.:\]-]*$/);
        for (const part of [parsed.owner, parsed.name]) assert.match(part, /^(?!\.{1,2}$)[A-Za-z0-9_.][A-Za-z0-9_.-]*$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('parseRepositoryName', () => {
  it('takes owner/name and nothing else', () => {
    assert.deepEqual(parseRepositoryName('octocat/hello'), { owner: 'octocat', name: 'hello' });
    for (const bad of ['', 'a', 'a/', '/b', 'a/b/c', '../b', 'a/..', 'a b/c', '-a/b', 'https://github.com/a/b']) {
      assert.equal(parseRepositoryName(bad), undefined, bad);
    }
  });
});
