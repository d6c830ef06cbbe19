/**
 * What must never reach the log: known secrets, and everything that looks like one. Token shapes are GitHub's published
 * prefixes (`ghp_`, `gho_`, `ghu_`, `ghs_`, `ghr_`, `github_pat_`), npm's (`npm_`), JSON Web Tokens, Authorization headers
 * and the user part of URLs.
 */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/\bgithub_pat_\w{20,}/g, 'github_pat_…'],
  [/\bgh([pousr])_\w{20,}/g, 'gh$1_…'],
  [/\bnpm_[A-Za-z0-9]{30,}/g, 'npm_…'],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, 'eyJ…'],
  [/\b(authorization["']?\s*[:=]\s*["']?(?:bearer|token|basic)?\s*)[^\s"',;]+/gi, '$1…'],
  [/\b(bearer\s+)[\w.~+/=-]{8,}/gi, '$1…'],
  [/\b(_authToken\s*=\s*)\S+/g, '$1…'],
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, '$1…@'],
];

/** Gives the text without the known secrets and without anything of a secret's shape. */
export function redact(text: string, known: readonly string[] = []): string {
  let out = text;
  for (const secret of known) if (secret.length >= 4) out = out.split(secret).join('…');
  for (const [shape, by] of shapes) out = out.replace(shape, by);
  return out;
}
