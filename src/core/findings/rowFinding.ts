import type { Finding, Location } from '../model/finding';
import { column, flag, stride } from './findingBatch';
import type { FindingBatch, Template } from './findingBatch';
import { FindingHandle } from './findingHandle';
import type { FindingMembers } from './findingHandle';
import { idOfHalves } from './identity';

/** Makes a string of the bytes of UTF-8 from `from` to `to`. */
export type DecodeUtf8 = (bytes: Uint8Array, from: number, to: number) => string;

/** What the rows of all batches of a report refer to. */
export interface RowTables {
  readonly templates: Template[];
  readonly paths: string[];
  readonly shapes: (readonly string[])[];
  readonly decode: DecodeUtf8;
}

/** The part of a batch that its findings are read from as long as they live. */
export type KeptBatch = Pick<FindingBatch, 'rows' | 'details' | 'texts' | 'ends'> & { readonly tables: RowTables };

type Place = { -readonly [K in keyof Location]: Location[K] };
type Draft = { -readonly [K in keyof Finding]: Finding[K] };

/** The finding of a row. Members that the finding does not have are undefined. */
export function rowFinding(batch: KeptBatch, row: number): Finding {
  const members: FindingMembers = new RowFinding(batch, row);
  // To whoever reads a member, one that is undefined and one that is not there are the same.
  return members as Finding;
}

/** True when it takes no look at the finding to know that a fingerprint of the tool's gave its id. */
export function isFingerprinted(finding: object): boolean {
  return finding instanceof RowFinding && finding.isFingerprinted;
}

/**
 * A finding that stays a row of its batch: a hundred thousand of these take a tenth of the memory that as many objects with all
 * their members would, and next to no time to make. Texts stay UTF-8 until somebody reads them.
 */
export class RowFinding extends FindingHandle implements FindingMembers {
  private readonly batch: KeptBatch;
  private readonly at: number;
  /** The id, once somebody has asked for it: it is asked for again and again. */
  private idText: string | undefined;

  constructor(batch: KeptBatch, row: number) {
    super();
    this.batch = batch;
    this.at = row * stride;
    this.idText = undefined;
  }

  get id(): string {
    return (this.idText ??= idOfHalves(this.number(column.idHigh), this.number(column.idLow)));
  }

  get kind(): Finding['kind'] {
    return this.template.kind;
  }
  get scanner(): string {
    return this.template.scanner;
  }
  get ruleId(): string {
    return this.template.ruleId;
  }
  get title(): string {
    return this.textAt(this.number(column.firstText));
  }
  get description(): Finding['description'] {
    return this.template.description;
  }
  get severity(): Finding['severity'] {
    return this.template.severity;
  }
  get locations(): readonly Location[] {
    const path = this.batch.tables.paths[this.number(column.path)];
    return path === undefined ? [] : [this.placeAt(path)];
  }
  get aliases(): readonly string[] {
    return this.template.aliases;
  }
  get cwe(): readonly string[] {
    return this.template.cwe;
  }
  get cvss(): Finding['cvss'] {
    return this.template.cvss;
  }
  get references(): readonly string[] {
    return this.template.references;
  }
  get suppressed(): boolean {
    return this.template.suppressed;
  }
  get baselineState(): Finding['baselineState'] {
    return this.template.baselineState;
  }
  get fingerprints(): Finding['fingerprints'] {
    const names = this.batch.tables.shapes[this.number(column.shape)];
    if (names === undefined) return undefined;
    let text = this.number(column.firstText) + (this.hasSnippet ? 2 : 1);
    const fingerprints: Record<string, string> = {};
    for (const name of names) fingerprints[name] = this.textAt(text++);
    return fingerprints;
  }
  get witnesses(): Finding['witnesses'] {
    const { scanner, ruleId, witnessFile: file } = this.template;
    return [{ scanner, file, ruleId, index: this.number(column.index) }];
  }
  get detail(): Finding['detail'] {
    const file = this.template.detailFile;
    if (file === undefined) return undefined;
    const { details } = this.batch;
    const at = (this.at / stride) * 2;
    return { file, offset: details[at] as number, length: details[at + 1] as number };
  }

  // A finding with any of these does not travel as a row.
  get formerIds(): undefined {
    return undefined;
  }
  get codeFlows(): undefined {
    return undefined;
  }
  get package(): undefined {
    return undefined;
  }
  get suppressions(): undefined {
    return undefined;
  }
  get component(): undefined {
    return undefined;
  }
  get reproduction(): undefined {
    return undefined;
  }
  get suggestedFix(): undefined {
    return undefined;
  }
  get introducedBy(): undefined {
    return undefined;
  }
  get properties(): undefined {
    return undefined;
  }

  get isFingerprinted(): boolean {
    return (this.number(column.flags) & flag.fingerprinted) !== 0;
  }

  toJSON(): Finding {
    const { kind, scanner, ruleId, severity, aliases, cwe, references, suppressed } = this.template;
    const { id, title, locations, witnesses, description, cvss, baselineState, fingerprints, detail } = this;
    const finding: Draft = {
      id,
      kind,
      scanner,
      ruleId,
      title,
      severity,
      locations,
      aliases,
      cwe,
      references,
      suppressed,
      witnesses,
    };
    if (description !== undefined) finding.description = description;
    if (cvss !== undefined) finding.cvss = cvss;
    if (baselineState !== undefined) finding.baselineState = baselineState;
    if (fingerprints !== undefined) finding.fingerprints = fingerprints;
    if (detail !== undefined) finding.detail = detail;
    return finding;
  }

  private get template(): Template {
    return this.batch.tables.templates[this.number(column.template)] as Template;
  }

  private get hasSnippet(): boolean {
    return (this.number(column.flags) & flag.snippet) !== 0;
  }

  private number(place: number): number {
    return this.batch.rows[this.at + place] as number;
  }

  private textAt(number: number): string {
    const { texts, ends, tables } = this.batch;
    return tables.decode(texts, number === 0 ? 0 : (ends[number - 1] as number), ends[number] as number);
  }

  private placeAt(path: string): Location {
    const startLine = this.number(column.startLine);
    const startColumn = this.number(column.startColumn);
    const endLine = this.number(column.endLine);
    const endColumn = this.number(column.endColumn);
    // An object made in one piece is made faster than one that grows, and nearly all are of this kind.
    if (startLine > 0 && startColumn > 0 && endLine > 0 && endColumn > 0 && !this.hasSnippet)
      return { path, startLine, startColumn, endLine, endColumn };
    const place: Place = { path };
    if (startLine > 0) place.startLine = startLine;
    if (startColumn > 0) place.startColumn = startColumn;
    if (endLine > 0) place.endLine = endLine;
    if (endColumn > 0) place.endColumn = endColumn;
    if (this.hasSnippet) place.snippet = this.textAt(this.number(column.firstText) + 1);
    return place;
  }
}
