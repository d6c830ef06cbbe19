import type { CvssScore, FindingKind, Severity } from '../model/finding';
import type { DraftFinding } from './draft';
import { BulkIdentifier, fingerprintKey, preferredFingerprintName } from './identity';
import type { BulkContext } from './identity';
import { TextList } from './textList';
import { mostRowBytes, mostRowTexts } from './plainRow';
import type { PlainRow } from './plainRow';
import { SharedRoom } from './sharedRoom';

/**
 * Findings on their way between threads, and as they are kept. Cloning a hundred thousand objects costs more than reading them, so
 * what most of them share is sent once, numbers and texts of their own are columns in memory that both threads see; a finding
 * that has more than the plain members is cloned as it is. The memory is shared rather than handed over: once one buffer of a thread
 * was handed over, V8 looks at every access to any typed array of the thread whether its buffer is still there.
 */
export interface FindingBatch {
  readonly templates: readonly Template[];
  readonly paths: readonly string[];
  /** Lists of fingerprint names. */
  readonly shapes: readonly (readonly string[])[];
  /** `stride` numbers a finding, at the places that `column` names. */
  readonly rows: Int32Array<SharedArrayBuffer>;
  /** Two numbers a finding: offset and length of its detail. */
  readonly details: Float64Array<SharedArrayBuffer>;
  /** A finding's title, its snippet where it has one, its fingerprints: UTF-8, one behind the other. */
  readonly texts: Uint8Array<SharedArrayBuffer>;
  /** Where each text ends. */
  readonly ends: Int32Array<SharedArrayBuffer>;
  /** Findings that are sent whole, in the order of their rows (template -1). */
  readonly whole: readonly DraftFinding[];
}

/** What findings of one rule share. */
export interface Template {
  readonly kind: FindingKind;
  readonly scanner: string;
  readonly ruleId: string;
  readonly severity: Severity;
  readonly description: string | undefined;
  readonly aliases: readonly string[];
  readonly cwe: readonly string[];
  readonly references: readonly string[];
  readonly cvss: CvssScore | undefined;
  readonly suppressed: boolean;
  readonly baselineState: DraftFinding['baselineState'];
  readonly witnessFile: string;
  readonly detailFile: string | undefined;
}

/** Numbers of a finding in `rows`. */
export const stride = 12;

/** Where each number of a finding stands in `rows`. */
export const column = {
  /** -1 for a finding that is sent whole; `path` is then its place in `whole`. */
  template: 0,
  path: 1,
  startLine: 2,
  startColumn: 3,
  endLine: 4,
  endColumn: 5,
  index: 6,
  shape: 7,
  /** Bits of `flag`. */
  flags: 8,
  /** Place of the finding's first text in `ends`. */
  firstText: 9,
  /** The id, 32 bits each; of a finding that is sent whole only where it has no id of its own. */
  idHigh: 10,
  idLow: 11,
} as const;

export const flag = {
  /** The second text is the snippet. */
  snippet: 1,
  /** A fingerprint of the tool's gave the id. */
  fingerprinted: 2,
} as const;

/** Templates of one rule that are compared; a report whose findings share nothing does not profit. */
const mostTemplates = 64;
/** The members of a finding that columns cannot carry; the compiler asks for a decision on every new one. */
type Whole = Exclude<keyof DraftFinding, keyof Template | 'title' | 'locations' | 'witnesses' | 'fingerprints' | 'detail'>;
const wholeMembers: Readonly<Record<Whole, (finding: DraftFinding) => unknown>> = {
  codeFlows: (finding) => finding.codeFlows,
  package: (finding) => finding.package,
  suppressions: (finding) => finding.suppressions,
  component: (finding) => finding.component,
  reproduction: (finding) => finding.reproduction,
  suggestedFix: (finding) => finding.suggestedFix,
  introducedBy: (finding) => finding.introducedBy,
  properties: (finding) => finding.properties,
  formerIds: (finding) => finding.formerIds,
};
const readWholeMember = Object.values(wholeMembers);

/**
 * Packs the findings of one report into batches, in the order of the report, and gives them their ids; what a batch introduces
 * (templates, paths, shapes) the later ones refer to.
 */
export class FindingEncoder {
  private readonly templates = new Map<string, { readonly template: Template; readonly number: number }[]>();
  private readonly paths = new Map<string, number>();
  private readonly shapes = new Map<string, number>();
  /** By the numbers of templates, paths and shapes: what ids of rows are made of. */
  private readonly keys = new TextList();
  private readonly pathTexts = new TextList();
  private readonly preferred: number[] = [];
  private readonly identifier: BulkIdentifier;
  private key = new Uint8Array(1024);
  private readonly room = new SharedRoom();
  /** What the batch holds so far, in memory of this thread's that the next one is packed in as well. */
  private readonly rows: Int32Array;
  private readonly details: Float64Array;
  private newTemplates: Template[] = [];
  private newPaths: string[] = [];
  private newShapes: (readonly string[])[] = [];
  // Large enough for most batches: when one has to grow, what was compiled by then is compiled once more.
  private texts = new Uint8Array(256 * 1024);
  private used = 0;
  private ends = new Int32Array(8 * 1024);
  private textCount = 0;
  private whole: DraftFinding[] = [];
  private count = 0;
  private lastShape: readonly string[] = [];
  private lastShapeNumber = -1;

  constructor(
    private readonly capacity: number,
    context: BulkContext = {},
  ) {
    this.identifier = new BulkIdentifier(context);
    this.rows = new Int32Array(capacity * stride);
    this.details = new Float64Array(capacity * 2);
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** True when the batch is full and has to be taken before the next finding. */
  get isFull(): boolean {
    return this.count === this.capacity;
  }

  add(finding: DraftFinding): void {
    const { rows } = this;
    const at = this.count * stride;
    const [place] = finding.locations;
    const template = canBePacked(finding) ? this.templateOf(finding) : -1;
    rows[at + column.template] = template;
    if (!('id' in finding)) this.identify(finding, at);
    if (template < 0) {
      rows[at + column.path] = this.whole.push(finding) - 1;
      this.count++;
      return;
    }
    rows[at + column.firstText] = this.textCount;
    this.addText(finding.title);
    if (place?.snippet !== undefined) this.addText(place.snippet);
    rows[at + column.path] = place === undefined ? -1 : this.pathOf(place.path);
    rows[at + column.startLine] = place?.startLine ?? 0;
    rows[at + column.startColumn] = place?.startColumn ?? 0;
    rows[at + column.endLine] = place?.endLine ?? 0;
    rows[at + column.endColumn] = place?.endColumn ?? 0;
    rows[at + column.index] = finding.witnesses[0]?.index ?? 0;
    rows[at + column.shape] = this.addFingerprints(finding.fingerprints);
    rows[at + column.flags] = place?.snippet === undefined ? 0 : flag.snippet;
    this.details[2 * this.count] = finding.detail?.offset ?? 0;
    this.details[2 * this.count + 1] = finding.detail?.length ?? 0;
    this.count++;
  }

  /** Starts a row: its texts are written into the batch itself. Forgotten unless `addRow` takes it before anything else is added. */
  startRow(row: PlainRow): void {
    this.reserve(mostRowBytes, mostRowTexts);
    row.start(this.texts, this.used);
  }

  /** Adds the finding that its reader has written as a row. */
  addRow(row: PlainRow): void {
    const { rows } = this;
    const at = this.count * stride;
    rows[at + column.template] = row.template;
    rows[at + column.path] = row.path;
    rows[at + column.startLine] = row.startLine;
    rows[at + column.startColumn] = row.startColumn;
    rows[at + column.endLine] = row.endLine;
    rows[at + column.endColumn] = row.endColumn;
    rows[at + column.index] = row.index;
    rows[at + column.shape] = row.shape;
    rows[at + column.flags] = flag.fingerprinted;
    rows[at + column.firstText] = this.textCount;
    this.identifyRow(row, at);
    this.details[2 * this.count] = row.offset;
    this.details[2 * this.count + 1] = row.length;
    this.used = row.used;
    for (let i = 0; i < row.texts; i++) this.ends[this.textCount++] = row.ends[i] as number;
    this.count++;
  }

  /** The findings added since the last batch. Its memory belongs to the receiver: nothing is written into it any more. */
  take(): FindingBatch {
    const { count, room } = this;
    const details = this.details.subarray(0, count * 2);
    const rows = this.rows.subarray(0, count * stride);
    const ends = this.ends.subarray(0, this.textCount);
    const texts = this.texts.subarray(0, this.used);
    room.keepTogether(details.byteLength + rows.byteLength + ends.byteLength + texts.byteLength + 32);
    const batch: FindingBatch = {
      templates: this.newTemplates,
      paths: this.newPaths,
      shapes: this.newShapes,
      rows: room.copyInts(rows),
      details: room.copyFloats(details),
      texts: room.copyBytes(texts),
      ends: room.copyInts(ends),
      whole: this.whole,
    };
    this.newTemplates = [];
    this.newPaths = [];
    this.newShapes = [];
    this.whole = [];
    this.used = this.textCount = this.count = 0;
    return batch;
  }

  /** Forgets all but the first `count` findings, of those that have got their ids here, which must all have been taken. */
  rewind(count: number): void {
    this.identifier.truncate(count);
  }

  private identify(finding: DraftFinding, at: number): void {
    this.identifier.identify(finding);
    this.rows[at + column.idHigh] = this.identifier.high;
    this.rows[at + column.idLow] = this.identifier.low;
  }

  private identifyRow(row: PlainRow, at: number): void {
    const { identifier, rows } = this;
    // Text 0 is the title, so a fingerprint begins where the text of its own place ends.
    const place = this.preferred[row.shape] as number;
    const from = row.ends[place] as number;
    const to = row.ends[place + 1] as number;
    const most = this.keys.lengthOf(row.template) + this.pathTexts.lengthOf(row.path) + to - from + 16;
    if (most > this.key.length) this.key = new Uint8Array(2 * most);
    const { key } = this;
    let length = this.pathTexts.copy(row.path, key, this.keys.copy(row.template, key, 0));
    key[length++] = 0;
    for (let i = from; i < to; i++) key[length++] = row.bytes[i] as number;
    identifier.identifyBy(key, length);
    rows[at + column.idHigh] = identifier.high;
    rows[at + column.idLow] = identifier.low;
  }

  /** The number of a path. */
  pathOf(path: string): number {
    let number = this.paths.get(path);
    if (number === undefined) {
      number = this.paths.size;
      this.paths.set(path, number);
      this.pathTexts.push(path);
      this.newPaths.push(path);
    }
    return number;
  }

  /** The number of a list of fingerprint names. */
  shapeOf(names: readonly string[]): number {
    const key = JSON.stringify(names);
    let shape = this.shapes.get(key);
    if (shape === undefined) {
      shape = this.shapes.size;
      this.shapes.set(key, shape);
      this.preferred.push(preferredFingerprintName(names));
      this.newShapes.push(names);
    }
    return shape;
  }

  private addText(text: string): void {
    // UTF-8 takes three bytes a code unit at most.
    this.reserve(3 * text.length, 1);
    this.used += utf8.encodeInto(text, this.texts.subarray(this.used)).written;
    this.ends[this.textCount++] = this.used;
  }

  private reserve(bytes: number, texts: number): void {
    if (this.used + bytes > this.texts.length) {
      const larger = new Uint8Array(Math.max(2 * this.texts.length, this.used + bytes));
      larger.set(this.texts.subarray(0, this.used));
      this.texts = larger;
    }
    if (this.textCount + texts > this.ends.length) {
      const larger = new Int32Array(Math.max(2 * this.ends.length, this.textCount + texts));
      larger.set(this.ends.subarray(0, this.textCount));
      this.ends = larger;
    }
  }

  private addFingerprints(fingerprints: DraftFinding['fingerprints']): number {
    if (fingerprints === undefined) return -1;
    // Nearly always the names are those of the finding before, in the same order.
    const expected = this.lastShape;
    let count = 0;
    let same = true;
    for (const name in fingerprints) {
      same &&= expected[count] === name;
      count++;
      this.addText(fingerprints[name] ?? '');
    }
    if (same && count === expected.length && this.lastShapeNumber >= 0) return this.lastShapeNumber;
    this.lastShape = Object.keys(fingerprints);
    return (this.lastShapeNumber = this.shapeOf(this.lastShape));
  }

  /** The number of what the finding shares with others of its rule; -1 when it has to go whole. */
  templateOf(finding: DraftFinding): number {
    const witness = finding.witnesses[0];
    if (witness === undefined || finding.witnesses.length > 1 || finding.locations.length > 1) return -1;
    if (witness.scanner !== finding.scanner || witness.ruleId !== finding.ruleId) return -1;
    if (finding.locations[0]?.message !== undefined) return -1;
    // An id of its own travels with the finding as well.
    if (isWhole(finding) || 'id' in finding) return -1;
    let known = this.templates.get(finding.ruleId);
    if (known === undefined) this.templates.set(finding.ruleId, (known = []));
    for (const { template, number } of known) if (fits(template, finding, witness.file)) return number;
    if (known.length >= mostTemplates) return -1;
    const number = this.keys.push(fingerprintKey(finding));
    const template: Template = {
      kind: finding.kind,
      scanner: finding.scanner,
      ruleId: finding.ruleId,
      severity: finding.severity,
      description: finding.description,
      aliases: finding.aliases,
      cwe: finding.cwe,
      references: finding.references,
      cvss: finding.cvss,
      suppressed: finding.suppressed,
      baselineState: finding.baselineState,
      witnessFile: witness.file,
      detailFile: finding.detail?.file,
    };
    known.push({ template, number });
    this.newTemplates.push(template);
    return number;
  }
}

const utf8 = new TextEncoder();

/** False when a text holds half a character, which UTF-8 cannot say. */
function canBePacked({ title, locations, fingerprints }: DraftFinding): boolean {
  if (!title.isWellFormed() || locations[0]?.snippet?.isWellFormed() === false) return false;
  for (const name in fingerprints) if (fingerprints[name]?.isWellFormed() === false) return false;
  return true;
}

function isWhole(finding: DraftFinding): boolean {
  for (const read of readWholeMember) if (read(finding) !== undefined) return true;
  return false;
}

function fits(template: Template, finding: DraftFinding, file: string): boolean {
  return (
    template.severity === finding.severity &&
    template.kind === finding.kind &&
    template.scanner === finding.scanner &&
    template.description === finding.description &&
    template.cwe === finding.cwe &&
    template.aliases === finding.aliases &&
    template.references === finding.references &&
    template.cvss === finding.cvss &&
    template.suppressed === finding.suppressed &&
    template.baselineState === finding.baselineState &&
    template.witnessFile === file &&
    template.detailFile === finding.detail?.file
  );
}
