import type { CvssScore, FindingKind, Location, Severity } from '../model/finding';
import type { DraftFinding } from './draft';

/**
 * Findings on their way between threads. Cloning a hundred thousand objects costs more than reading them, so what most of
 * them share is sent once, numbers go as columns and the few texts of their own as one list; a finding that has more than
 * the plain members is cloned as it is.
 */
export interface FindingBatch {
  readonly templates: readonly Template[];
  readonly paths: readonly string[];
  /** Lists of fingerprint names. */
  readonly shapes: readonly (readonly string[])[];
  /** `stride` numbers a finding. */
  readonly rows: Int32Array<ArrayBuffer>;
  /** Two numbers a finding: offset and length of its detail. */
  readonly details: Float64Array<ArrayBuffer>;
  /** A finding's title, its snippet where it has one, its fingerprints. */
  readonly texts: readonly string[];
  /** Findings that are sent whole, in the order of their rows (template -1). */
  readonly whole: readonly DraftFinding[];
}

/** What findings of one rule share. */
interface Template {
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

const stride = 9;
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

/** Packs findings into batches; what a batch introduces (templates, paths, shapes) the later ones refer to. */
export class FindingEncoder {
  private readonly templates = new Map<string, { readonly template: Template; readonly number: number }[]>();
  private readonly paths = new Map<string, number>();
  private readonly shapes = new Map<string, number>();
  private templateCount = 0;
  private readonly rows: Int32Array<ArrayBuffer>;
  private readonly details: Float64Array<ArrayBuffer>;
  private newTemplates: Template[] = [];
  private newPaths: string[] = [];
  private newShapes: string[][] = [];
  private texts: string[] = [];
  private whole: DraftFinding[] = [];
  private count = 0;
  private lastShape: readonly string[] = [];
  private lastShapeNumber = -1;

  constructor(private readonly capacity: number) {
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
    const at = this.count++ * stride;
    const template = this.templateOf(finding);
    this.rows[at] = template;
    if (template < 0) {
      this.whole.push(finding);
      return;
    }
    const [place] = finding.locations;
    this.texts.push(finding.title);
    if (place?.snippet !== undefined) this.texts.push(place.snippet);
    this.rows[at + 1] = place === undefined ? -1 : numberOf(place.path, this.paths, this.newPaths);
    this.rows[at + 2] = place?.startLine ?? 0;
    this.rows[at + 3] = place?.startColumn ?? 0;
    this.rows[at + 4] = place?.endLine ?? 0;
    this.rows[at + 5] = place?.endColumn ?? 0;
    this.rows[at + 6] = finding.witnesses[0]?.index ?? 0;
    this.rows[at + 7] = this.addFingerprints(finding.fingerprints);
    this.rows[at + 8] = place?.snippet === undefined ? 0 : 1;
    const { detail } = finding;
    if (detail === undefined) return;
    this.details[(at / stride) * 2] = detail.offset;
    this.details[(at / stride) * 2 + 1] = detail.length;
  }

  /** The findings added since the last batch. Its buffers belong to the receiver (they may be transferred). */
  take(): FindingBatch {
    const batch: FindingBatch = {
      templates: this.newTemplates,
      paths: this.newPaths,
      shapes: this.newShapes,
      rows: this.rows.slice(0, this.count * stride),
      details: this.details.slice(0, this.count * 2),
      texts: this.texts,
      whole: this.whole,
    };
    this.newTemplates = [];
    this.newPaths = [];
    this.newShapes = [];
    this.texts = [];
    this.whole = [];
    this.count = 0;
    return batch;
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
      this.texts.push(fingerprints[name] ?? '');
    }
    if (same && count === expected.length && this.lastShapeNumber >= 0) return this.lastShapeNumber;
    const names = Object.keys(fingerprints);
    const key = JSON.stringify(names);
    let shape = this.shapes.get(key);
    if (shape === undefined) {
      shape = this.shapes.size;
      this.shapes.set(key, shape);
      this.newShapes.push(names);
    }
    this.lastShape = names;
    this.lastShapeNumber = shape;
    return shape;
  }

  /** Number of the finding's template; -1 when it has to go whole. */
  private templateOf(finding: DraftFinding): number {
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
    const number = this.templateCount++;
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

function numberOf(path: string, known: Map<string, number>, added: string[]): number {
  let number = known.get(path);
  if (number === undefined) {
    number = known.size;
    known.set(path, number);
    added.push(path);
  }
  return number;
}

type Draft = { -readonly [K in keyof DraftFinding]: DraftFinding[K] };
type Place = { -readonly [K in keyof Location]: Location[K] };

/** Unpacks what one FindingEncoder packed, batch by batch, in order. */
export class FindingDecoder {
  private readonly templates: Template[] = [];
  private readonly paths: string[] = [];
  private readonly shapes: (readonly string[])[] = [];

  /** Calls back with each finding of the batch. */
  decode(batch: FindingBatch, onFinding: (finding: DraftFinding) => void): void {
    for (const template of batch.templates) this.templates.push(template);
    for (const path of batch.paths) this.paths.push(path);
    for (const shape of batch.shapes) this.shapes.push(shape);
    const { rows, details, texts } = batch;
    let text = 0;
    let whole = 0;
    for (let at = 0; at < rows.length; at += stride) {
      const template = this.templates[rows[at] ?? -1];
      if (template === undefined) {
        const finding = batch.whole[whole++];
        if (finding !== undefined) onFinding(finding);
        continue;
      }
      const title = texts[text++] ?? '';
      const locations = this.locationsAt(rows, at, texts[text]);
      text += rows[at + 8] ?? 0;
      const shape = this.shapes[rows[at + 7] ?? -1];
      const number = (at / stride) * 2;
      const { scanner, ruleId, witnessFile, detailFile } = template;
      const own: Own = {
        title,
        locations,
        witnesses: [{ scanner, file: witnessFile, ruleId, index: rows[at + 6] ?? 0 }],
        fingerprints: shape === undefined ? undefined : fingerprintsOf(shape, texts, text),
        detail:
          detailFile === undefined
            ? undefined
            : { file: detailFile, offset: details[number] ?? 0, length: details[number + 1] ?? 0 },
      };
      text += shape?.length ?? 0;
      onFinding(assemble(template, own));
    }
  }

  private locationsAt(rows: Int32Array, at: number, snippet: string | undefined): readonly Location[] {
    const path = this.paths[rows[at + 1] ?? -1];
    if (path === undefined) return [];
    const startLine = rows[at + 2] ?? 0;
    const startColumn = rows[at + 3] ?? 0;
    const endLine = rows[at + 4] ?? 0;
    const endColumn = rows[at + 5] ?? 0;
    const hasSnippet = rows[at + 8] === 1;
    if (startLine > 0 && startColumn > 0 && endLine > 0 && endColumn > 0 && !hasSnippet)
      return [{ path, startLine, startColumn, endLine, endColumn }];
    const place: Place = { path };
    if (startLine > 0) place.startLine = startLine;
    if (startColumn > 0) place.startColumn = startColumn;
    if (endLine > 0) place.endLine = endLine;
    if (endColumn > 0) place.endColumn = endColumn;
    if (hasSnippet && snippet !== undefined) place.snippet = snippet;
    return [place];
  }
}

/** What a finding has of its own. */
interface Own {
  readonly title: string;
  readonly locations: readonly Location[];
  readonly witnesses: DraftFinding['witnesses'];
  readonly fingerprints: DraftFinding['fingerprints'] | undefined;
  readonly detail: DraftFinding['detail'] | undefined;
}

/**
 * The finding. An object made in one piece takes a third less memory than one that grows, so the common
 * case has a literal of its own.
 */
function assemble(template: Template, own: Own): DraftFinding {
  const { kind, scanner, ruleId, severity, aliases, cwe, references, suppressed, description, cvss, baselineState } = template;
  const { title, locations, witnesses, fingerprints, detail } = own;
  if (
    description !== undefined &&
    fingerprints !== undefined &&
    detail !== undefined &&
    cvss === undefined &&
    baselineState === undefined
  )
    return {
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
      description,
      fingerprints,
      detail,
    };
  const finding: Draft = { kind, scanner, ruleId, title, severity, locations, aliases, cwe, references, suppressed, witnesses };
  if (description !== undefined) finding.description = description;
  if (cvss !== undefined) finding.cvss = cvss;
  if (baselineState !== undefined) finding.baselineState = baselineState;
  if (fingerprints !== undefined) finding.fingerprints = fingerprints;
  if (detail !== undefined) finding.detail = detail;
  return finding;
}

function fingerprintsOf(names: readonly string[], texts: readonly string[], from: number): Readonly<Record<string, string>> {
  const fingerprints: Record<string, string> = {};
  for (let i = 0; i < names.length; i++) fingerprints[names[i] ?? ''] = texts[from + i] ?? '';
  return fingerprints;
}
