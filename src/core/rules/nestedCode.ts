import type { Refusal } from './rule';

/** A word of a command line, as far as it is known. */
export interface KnownWord {
  /** The fixed text at its beginning; all of it where nothing else is in it. */
  readonly lead: string;
  /** True where it is always the same. */
  readonly fixed: boolean;
}

/** Programs that hand what follows them to a shell, on this machine or another, or read it as one. */
const shells = new Set(
  'sh ash bash dash zsh ksh mksh rbash fish csh tcsh cmd powershell pwsh ssh rsh plink xargs parallel su runuser watch eval foreach wsl tmux screen'.split(
    ' ',
  ),
);

/** A program that reads code out of its arguments. */
interface Interpreter {
  readonly names: RegExp;
  /** Options whose text is code, in the same word or the next. */
  readonly code: RegExp;
  /** True where a script behind the program's name has the options that follow. */
  readonly script?: true;
  /** Where code is the first word that is no option: the options that take words of their own, and how many. */
  readonly first?: Readonly<Record<string, number>>;
}

const interpreters: readonly Interpreter[] = [
  { names: /^(node|nodejs|bun|deno|tsx|ts-node|electron)$/, code: /^(-[a-z]*[ep][a-z]*|--eval|--print)(=|$)/, script: true },
  { names: /^(python|pypy|jython)[\d.]*$|^py$/, code: /^-[A-Za-z]*c/, script: true },
  { names: /^(perl|raku)[\d.]*$/, code: /^-\w*[eEmM]/, script: true },
  { names: /^php[\d.]*$/, code: /^-[rBREd]|^--(run|process-begin|process-code|process-end|define)/, script: true },
  {
    names: /^(j?ruby|lua|luajit|rscript|r|julia|osascript|groovy|elixir|erl|ghc|tclsh)[\d.]*$/,
    code: /^-\w*e|^--eval|^-E/,
    script: true,
  },
  { names: /^(psql|npx|npm|pnpm|yarn|script|flock|expect)$/, code: /^(-[A-Za-z]*c|--command|--call|--variable|--set)/ },
  {
    names: /^(mysql|mariadb|mongo|mongosh|redis-cli|emacs|rsync)$/,
    code: /^(-[A-Za-z]*e|--execute|--eval|--init-command|--rsh)/,
  },
  { names: /^(vim?|nvim|ex|gdb|lldb)$/, code: /^(\+|-c|--cmd|-ex|--eval-command|-o|--one-line)/ },
  { names: /^git$/, code: /^(-c|--config-env|--upload-pack|--receive-pack|--exec)(=|$)/ },
  { names: /^tar$/, code: /^(-I|--to-command|--use-compress-program|--checkpoint-action|--rsh-command|--info-script)/ },
  { names: /^find$/, code: /^-(exec|execdir|ok|okdir)$/ },
  { names: /^[gmn]?awk$/, code: /^(-e|--source)/, first: { '-F': 1, '-v': 1, '-f': 0 } },
  { names: /^g?sed$/, code: /^(-[A-Za-z]*e|--expression)/, first: { '-l': 1 } },
  {
    names: /^[jy]q$/,
    code: /(?!)/,
    first: { '--arg': 2, '--argjson': 2, '--slurpfile': 2, '--rawfile': 2, '--indent': 1, '-L': 1 },
  },
];

/** Programs that run the program named behind them. */
const runners = new Set(
  'sudo doas env nice nohup time timeout ionice setsid stdbuf strace ltrace chroot unshare nsenter chrt taskset npx bunx unbuffer xvfb-run'.split(
    ' ',
  ),
);

/** Options of runners that take no word of their own. */
const bare = /^(-[nEHbkSiv\d]+|--[a-z-]+(=.*)?)$/;

/**
 * Why a value is not safe although it is one argument: a program before it reads its arguments as commands or as code again, or it
 * names the program that another one starts.
 */
export function refuseNested(words: readonly KnownWord[]): Refusal | undefined {
  for (const [index, word] of words.entries()) {
    const after = words.slice(index + 1);
    if (word.fixed && after.every((one) => one.fixed)) continue;
    // A word that begins with a program may be a command line of its own: `-e 'ssh -p …'`.
    const name = programOf(word.fixed ? word.lead : (/^\S+(?=\s)/.exec(word.lead)?.[0] ?? ''));
    if (shells.has(name) || (name === 'adb' && after.some((one) => one.lead === 'shell')))
      return { because: `${name} hands its arguments to a shell again` };
    if (/\.(bat|cmd)$/.test(name)) return { because: `${name} is a batch file, which a shell reads` };
    if (!word.fixed) continue;
    const code = codeWord(after, name);
    if (code !== undefined) return { because: `a value is part of ${code}, which ${name} reads as code` };
    const isRunner =
      runners.has(name) && words.slice(0, index).every((one) => runners.has(programOf(one.lead)) || !namesProgram(one));
    const refused = isRunner ? refuseRunner(name, after) : undefined;
    if (refused !== undefined) return refused;
  }
  return undefined;
}

/** Why it is not known what `sudo …`, `timeout …` and the like run. */
function refuseRunner(name: string, words: readonly KnownWord[]): Refusal | undefined {
  const target = words.findIndex((word, index) => {
    const before = words[index - 1]?.lead ?? '';
    return namesProgram(word) && (!before.startsWith('-') || bare.test(before));
  });
  const options = words.slice(0, target === -1 ? words.length : target);
  if (name === 'sudo' && options.some((word) => /^(-[a-zA-Z]*[is]|--login|--shell)$/.test(word.lead)))
    return { because: `${name} hands its arguments to a shell again` };
  return options.every((word) => word.fixed) ? undefined : { because: `a value may name the program that ${name} runs` };
}

/** The first word with a value in it that is code. */
function codeWord(words: readonly KnownWord[], name: string): string | undefined {
  if (name === 'sqlite3' && words.slice(1).some((word) => !word.fixed)) return `the words behind the first of ${name}`;
  const interpreter = interpreters.find((one) => one.names.test(name));
  if (interpreter === undefined) return undefined;
  const { code, first, script } = interpreter;
  const [one] = words;
  if (script === true && one?.fixed === true && !one.lead.startsWith('-')) return undefined;
  let elsewhere = false;
  for (const [index, word] of words.entries()) {
    if (!code.test(word.lead)) continue;
    elsewhere = true;
    if (!word.fixed) return `the option ${word.lead}`;
    const next = words[index + 1];
    if (next?.fixed === false) return `what follows ${word.lead}`;
  }
  if (first === undefined || elsewhere) return undefined;
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (word === undefined) break;
    if (word.fixed && /^(-f|--file|--from-file)$/.test(word.lead)) return undefined;
    if (word.lead.startsWith('-') && word.fixed) index += first[word.lead] ?? 0;
    else return word.fixed ? undefined : `the first argument of ${name}`;
  }
  return undefined;
}

function namesProgram(word: KnownWord): boolean {
  return word.fixed && /^[^-=\d][^=]*$/.test(word.lead);
}

/** A program's name without its folder and `.exe`; empty for an option. */
function programOf(word: string): string {
  if (word.startsWith('-') || /\s/.test(word)) return '';
  return (word.split(/[/\\]/).at(-1) ?? word).toLowerCase().replace(/\.exe$/, '');
}
