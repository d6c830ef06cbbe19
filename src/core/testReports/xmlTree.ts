import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { HumanError, isHumanError, messageOf } from '../errors';

/** An element with what it holds; text and CDATA of its own in one piece. */
export interface XmlElement {
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  /** Children by their name, each list in document order. */
  readonly children: ReadonlyMap<string, readonly XmlElement[]>;
}

/** A report of a hundred thousand tests is a tenth of this. */
const largest = 64 * 1024 * 1024;
/** Suites nest by folder, file and describe; nobody nests them so deep. */
const deepest = 200;

/**
 * Entities are never declared or expanded by the library: a document type is refused before it reads anything, and the five
 * predefined entities and character references (XML 1.0 §4.1, §4.6) are decoded here, once and without nesting.
 */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributesGroupName: '@',
  attributeNamePrefix: '',
  textNodeName: '#',
  processEntities: false,
  parseTagValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: deepest,
  isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
});

/**
 * Reads an XML document whose text is hostile.
 *
 * @param text - the document, decoded
 * @param name - of the file, for the error
 * @returns the root elements by name; white space at the ends of texts is kept
 * @throws HumanError naming file, line and column when it is not well-formed, was decoded wrongly, declares a document type,
 * or is too large or too deep
 */
export function readXml(text: string, name: string): ReadonlyMap<string, readonly XmlElement[]> {
  if (text.length > largest) throw new HumanError(`${name} is larger than 64 MiB; it is not read.`);
  const declared = /^\uFEFF?\s*<\?xml[^>]*?\bencoding\s*=\s*["']([^"']{1,40})["']/.exec(text)?.[1];
  if (text.includes('\0') || /^\uFFFD\uFFFD/.test(text) || (text.includes('\uFFFD') && !/^utf-?8$/i.test(declared ?? 'utf-8'))) {
    throw new HumanError(
      `${name} is not encoded as UTF-8${declared === undefined ? '' : ` (it says ${declared})`}: have it written as UTF-8.`,
    );
  }
  const doctype = documentType(text);
  if (doctype !== undefined) {
    throw new HumanError(`${name}${place(text, doctype)}: a document type declaration has no place in a test report.`);
  }
  // Terminal colours in messages bring control characters that XML 1.0 §2.2 does not have; harmless, and common.
  const clean = text.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/g, '');
  try {
    const valid = XMLValidator.validate(clean);
    if (valid !== true) {
      const { line, col, msg } = valid.err;
      // At the very end of a document the validator knows no column.
      throw new HumanError(`${name}:${line}${Number.isFinite(col) ? `:${col}` : ''}: not well-formed XML: ${msg}`);
    }
    const root: unknown = parser.parse(clean);
    return elementOf(root).children;
  } catch (error) {
    if (isHumanError(error)) throw error;
    throw new HumanError(`${name} cannot be read as XML: ${messageOf(error).slice(0, 300)}`);
  }
}

/** Where a document type declaration stands outside of comments, CDATA sections and instructions. */
function documentType(text: string): number | undefined {
  for (const match of text.matchAll(/<!--[^]*?(?:-->|$)|<!\[CDATA\[[^]*?(?:\]\]>|$)|<\?[^]*?(?:\?>|$)|<!DOCTYPE/gi)) {
    if (/^<!DOCTYPE/i.test(match[0])) return match.index;
  }
  return undefined;
}

function place(text: string, index: number): string {
  const before = text.slice(0, index).split('\n');
  return `:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

function elementOf(value: unknown): XmlElement {
  const children = new Map<string, readonly XmlElement[]>();
  if (typeof value === 'string') return { attributes: {}, text: decode(value), children };
  if (typeof value !== 'object' || value === null) return { attributes: {}, text: '', children };
  const attributes: Record<string, string> = {};
  let text = '';
  for (const [key, inner] of Object.entries(value)) {
    if (key === '@') {
      for (const [attribute, said] of Object.entries(inner as Readonly<Record<string, unknown>>))
        attributes[attribute] = decode(String(said));
    } else if (key === '#') text = (Array.isArray(inner) ? inner : [inner]).map((part) => decode(String(part))).join('');
    else children.set(key, (Array.isArray(inner) ? inner : [inner]).map(elementOf));
  }
  return { attributes, text, children };
}

const predefined: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(lt|gt|amp|quot|apos));/gi, (all, decimal, hex, word) => {
    if (typeof word === 'string') return predefined[word] ?? all;
    const code = typeof decimal === 'string' ? Number(decimal) : parseInt(String(hex), 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\uFFFD';
  });
}
