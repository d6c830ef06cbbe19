import assert from 'node:assert/strict';
import { treeSitter } from '../../../src/adapters/clients/treeSitter';
import { commandInjection } from '../../../src/core/rules/commandInjection';
import { proposeFix } from '../../../src/core/rules/proposeFix';

/** The last line of a module with the fix, or why there is none. */
async function tryFix(code: string): Promise<string> {
  const text = `const { exec, execSync, execFile, execFileSync } = require('child_process');\n${code}\n`;
  const fix = await proposeFix(
    commandInjection,
    { path: 'a.js', text },
    { startLine: text.trimEnd().split('\n').length },
    treeSitter,
  );
  return 'because' in fix ? `no: ${fix.because}` : (fix.after.trimEnd().split('\n').at(-1) ?? '');
}

/** Commands with a value `x`, as the argument of execSync. */
const commands: Readonly<Record<string, readonly string[]>> = {
  'no: .* to a shell again': [
    '`env sh -c ${x}`',
    '`timeout 5 sh -c "${x}"`',
    "'sudo sh -c \"ls ' + x + '\"'",
    '`docker exec app sh -c "ls ${x}"`',
    '`nice -n 5 /bin/bash -c "cat ${x}"`',
    '`busybox sh -c "ls ${x}"`',
    '`ssh host ls ${x}`',
    '`su -c "ls ${x}"`',
    '`sudo -u app -s ls ${x}`',
    '`find . -exec sh -c "cat ${x}" +`',
    '`watch ls ${x}`',
    '`parallel echo ${x}`',
    '`git submodule foreach ${x}`',
    '`adb -d shell ls ${x}`',
    '`run -e "ssh -p ${x}" a b`',
    '`cmd.exe /c dir ${x}`',
  ],
  'no: a value is part of .* reads as code': [
    '`node -e "console.log(${x})"`',
    '`${process.execPath} -p ${x}`',
    '`node -r ./hook.js --eval=${x}`',
    '`sudo -n python3 -Ic "print(${x})"`',
    '`perl -ne "print ${x}"`',
    '`ruby -e ${x}`',
    '`php -r "echo ${x}"`',
    '`awk ${x} data.txt`',
    '`awk -F : "/${x}/" data.txt`',
    '`sed -i "s/a/${x}/" data.txt`',
    '`sed -n -e ${x}p data.txt`',
    '`jq -r --arg a b .${x} data.json`',
    '`rsync -e "ssh -p ${x}" a b`',
    '`psql -d app -c "select ${x}"`',
    '`sqlite3 app.db "select ${x}"`',
    '`mysql app -e "select ${x}"`',
    '`find . -exec ${x} +`',
    '`git -c ${x} log`',
    '`tar -x --to-command=${x} -f a.tar`',
  ],
  'no: a value may name the program': [
    '`sudo -u root ${x}`',
    '`timeout 5 ${x} --version`',
    '`npx ${x}`',
    '`sudo nice -n 5 ${x}`',
  ],
  'no: tool.cmd is a batch file': ['`tool.cmd ${x}`'],
};

/** Values that stay data behind the same programs. */
const harmless: Readonly<Record<string, string>> = {
  '`sudo -n nice -n 5 ls ${x}`': "execFileSync('sudo', ['-n', 'nice', '-n', '5', 'ls', x])",
  '`docker exec ${x} ls`': "execFileSync('docker', ['exec', x, 'ls'])",
  '`node tool.js -p ${x}`': "execFileSync('node', ['tool.js', '-p', x])",
  '`sed -n 5p ${x}`': "execFileSync('sed', ['-n', '5p', x])",
  '`awk -v n=${x} "/a/" data.txt`': "execFileSync('awk', ['-v', `n=${x}`, '/a/', 'data.txt'])",
  '`jq . ${x}`': "execFileSync('jq', ['.', x])",
  '`sqlite3 ${x} .dump`': "execFileSync('sqlite3', [x, '.dump'])",
  '`git log ${x}`': "execFileSync('git', ['log', x])",
};

describe('words of a command', () => {
  for (const [expected, codes] of Object.entries(commands))
    for (const code of codes)
      it(`${code} is not changed`, async () => {
        assert.match(await tryFix(`module.exports = (x) => execSync(${code});`), new RegExp(expected));
      });
  for (const [code, expected] of Object.entries(harmless))
    it(`${code} is changed`, async () => {
      assert.equal(await tryFix(`module.exports = (x) => execSync(${code});`), `module.exports = (x) => ${expected};`);
    });
});

describe('options of a command', () => {
  const unknown = /no: .* joined into one command again$/;
  const refused: readonly [string, RegExp][] = [
    ["const o = { shell: '/bin/bash' };\nmodule.exports = (x) => exec('ls ' + x, o);", /certain shell/],
    ["module.exports = (x) => exec('ls ' + x, { 'shell': true });", /certain shell/],
    ["module.exports = (x, shell) => exec('ls ' + x, { shell });", /certain shell/],
    ["module.exports = (x, o) => exec('ls ' + x, o, cb);", unknown],
    ["module.exports = (x, options) => exec('ls ' + x, options);", unknown],
    ["module.exports = (x, cb) => execSync('ls ' + x, cb);", unknown],
    ["module.exports = (x, o) => exec('ls ' + x, { ...o, timeout: 1 });", unknown],
    ["module.exports = (x, k) => exec('ls ' + x, { [k]: 1 });", unknown],
    ["module.exports = (x) => exec('ls ' + x, optionsFor(x));", unknown],
    ["const o = { timeout: 1 };\no.shell = true;\nmodule.exports = (x) => exec('ls ' + x, o);", unknown],
    ["const o = { timeout: 1 };\nset(o);\nmodule.exports = (x) => exec('ls ' + x, o);", unknown],
    ["let o = { timeout: 1 };\no = other;\nmodule.exports = (x) => exec('ls ' + x, o);", unknown],
    ["import('util').then;\nmodule.exports = (x, rest) => exec('ls ' + x, ...rest);", /spread/],
  ];
  for (const [code, reason] of refused)
    it(`refuses ${code}`, async () => {
      assert.match(await tryFix(code), reason);
    });
  const kept: readonly [string, string][] = [
    ['const o = { timeout: 1 };\nmodule.exports = (x) => exec(`ls ${x}`, o);', 'o'],
    ['const o = { timeout: 1 };\nlog(o.timeout);\nmodule.exports = (x) => exec(`ls ${x}`, o, () => 0);', 'o, () => 0'],
    ['function seen() {}\nmodule.exports = (x) => exec(`ls ${x}`, seen);', 'seen'],
    ['module.exports = (x, cb) => exec(`ls ${x}`, cb);', 'cb'],
    ['module.exports = (x) => exec(`ls ${x}`, null, this.onEnd.bind(this));', 'null, this.onEnd.bind(this)'],
    ['module.exports = (x) => exec(`ls ${x}`, done.bind(this));', 'done.bind(this)'],
  ];
  for (const [code, rest] of kept)
    it(`keeps ${code}`, async () => {
      assert.ok((await tryFix(code)).endsWith(`execFile('ls', [x], ${rest});`), await tryFix(code));
    });
});

describe('values of a command', () => {
  const refused: Readonly<Record<string, readonly string[]>> = {
    'may hold several words': [
      "module.exports = (v, h) => execSync('ping ' + (v ? '-v ' : '') + h);",
      "module.exports = (f, q) => { const flag = q ? '-q -x' : '-v'; return execSync(`tool ${flag} ${f}`); };",
      "module.exports = (f, q) => { let flag = '-v'; if (q) flag = '-q -x'; return execSync(`tool ${flag} ${f}`); };",
      'module.exports = (f, o) => { const size = `-s ${o}`; return execSync(`tool ${size} ${f}`); };',
      "const FLAGS = { fast: '-q -x', slow: '-v' };\nmodule.exports = (f, m) => execSync(`tool ${FLAGS[m]} ${f}`);",
      "const FLAGS = { fast: '-q -x', slow: '-v' };\nmodule.exports = (f) => execSync(`tool ${FLAGS.fast} ${f}`);",
      "module.exports = (f, q = '-q -x') => execSync(`tool ${q} ${f}`);",
      "const flag = (q) => { if (q) return '-q -x'; return '-v'; };\nmodule.exports = (f, q) => execSync(`tool ${flag(q)} ${f}`);",
      "module.exports = (files) => execSync('tool ' + files.map((f) => `-i ${f}`).join(' '));",
      "module.exports = (f) => execSync(`tool ${['-a', f, '-s 5'].join(' ')}`);",
      "module.exports = (f) => { const list = ['-a']; list.push(`-i ${f}`); return execSync(`tool ${list.join(' ')}`); };",
    ],
    'puts several words together': [
      "module.exports = (files) => execSync('git add \"' + files.join('\" \"') + '\"');",
      "module.exports = (files) => { const all = files.join(' '); return execSync(`git add ${all}`); };",
      "module.exports = (files) => execSync(`tool --in=${files.join(' ')}`);",
      'module.exports = (files, by) => execSync(`tool ${files.join(by)}`);',
    ],
    'may be empty': [
      "module.exports = (v, h) => execSync(`ping ${v ? '-v' : ''} ${h}`);",
      "module.exports = (p) => execSync(`ls ${p || ''}`);",
      "module.exports = (p = '') => execSync(`ls ${p}`);",
      "const NONE = '';\nmodule.exports = (p) => execSync(`ls ${NONE} ${p}`);",
      "module.exports = (p, q) => execSync(`ls ${[q ? '-a' : '', p].join(' ')}`);",
    ],
    'may be no text': ["module.exports = (v, h) => execSync(`ping ${v && '-v'} ${h}`);"],
    'quoted or escaped for the shell already': [
      "module.exports = (f) => execSync('tool ' + JSON.stringify(f));",
      'module.exports = (f) => execSync(`tool "${JSON.stringify(f)}"`);',
      "module.exports = (f) => { const q = `'${f}'`; return execSync('tool ' + q); };",
      "module.exports = (f) => execSync('tool \"' + f.replace(/\"/g, '\\\\\"') + '\"');",
      "module.exports = (f) => execSync(`tool ${f.replace(/ /g, '\\\\ ').trim()}`);",
      "module.exports = (f) => { const q = '\"' + f + '\"'; return execSync(`tool ${q} ${f}`); };",
      'module.exports = (f, g) => execSync(`tool ${shellEscape(f)} ${g}`);',
      "const quote = (s) => `'${s}'`;\nmodule.exports = (f) => execSync(`tool ${quote(f)} ${f}`);",
      "const q = (s) => { return `'${s}'`; };\nmodule.exports = (f) => execSync(`tool ${q(f)}`);",
      'module.exports = (files) => execSync(`git add ${files.map((f) => `"${f}"`).join(\' \')}`);',
      "module.exports = (files) => execSync(`git add ${files.map(shellQuote).join(' ')}`);",
      "module.exports = (files) => execSync(`git add ${files.map((f) => f.replace(/'/g, x)).join(' ')}`);",
    ],
    'has a meaning|gives a meaning': [
      "module.exports = (p, a) => { const all = a ? '*.js' : 'a.js'; return execSync(`ls ${all} ${p}`); };",
    ],
    'the comment /\\* host \\*/ within the command would be lost': [
      "module.exports = (h) => execSync('ping ' + /* host */ h + ' -c 1');",
      'module.exports = (h) => execSync(`ping ${/* host */ h}`);',
    ],
  };
  for (const [reason, codes] of Object.entries(refused))
    for (const code of codes)
      it(`refuses ${code}`, async () => {
        assert.match(await tryFix(code), new RegExp(`^no: .*(${reason})`));
      });

  const kept: Readonly<Record<string, string>> = {
    '`eslint ${extra} ${x}`': "'eslint', [extra, x]",
    "`ping ${v ? '-4' : '-6'} ${x}`": "'ping', [v ? '-4' : '-6', x]",
    "`ls \"${v ? 'a b' : ''}\" ${x}`": "'ls', [v ? 'a b' : '', x]",
    "`ls --all=${v ? 'a' : ''} ${x}`": "'ls', [`--all=${v ? 'a' : ''}`, x]",
    "`curl -d '${JSON.stringify(x)}' ${x}`": "'curl', ['-d', JSON.stringify(x), x]",
    "`git add ${x.map((f) => f.path).join(' ')}`": "'git', ['add', ...x.map((f) => f.path)]",
    "`git add ${['-v', x].join(' ')}`": "'git', ['add', ...['-v', x]]",
    "`git log ${x.replace(/^origin./, '').trim()}`": "'git', ['log', x.replace(/^origin./, '').trim()]",
    "`git log --path=${x.join(',')}`": "'git', ['log', `--path=${x.join(',')}`]",
    '`ls ${x /* where */ ?? base}`': "'ls', [x /* where */ ?? base]",
  };
  for (const [code, expected] of Object.entries(kept))
    it(`changes ${code}`, async () => {
      assert.equal(
        await tryFix(`module.exports = (x) => execSync(${code});`),
        `module.exports = (x) => execFileSync(${expected});`,
      );
    });
});
