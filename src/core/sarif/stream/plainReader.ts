import type { RowSink } from '../../findings/findingSink';
import { PlainRow } from '../../findings/plainRow';
import type { DraftFinding } from '../../findings/draft';
import { resolveMessage, withoutLinks } from '../message';
import type { RunContext } from '../runContext';
import { isTellingProperty } from '../tellingProperty';
import { titleOf } from '../text';
import { isUsableFingerprint, isUsableName } from '../usableFingerprint';
import { InternTable } from './internTable';
import { locationTable, messageTable, physicalTable, regionTable, ResultReader, resultTable } from './resultReader';
import { copyTitle } from './titleBytes';
import { noMember, unusual } from './tokenReader';

/** Longest title that is copied without a closer look; see titleOf. */
const longestTitle = 300;
/** Largest line or column; see region. */
const largest = 100_000_000;
const mostNumbers = 1 << 16;
const longestFingerprint = 1000;
/** A report that invents new names for its fingerprints is read the long way. */
const mostShapes = 10_000;
/** Rule ids of which the last template is at hand. */
const recentRules = 4096;
const utf8 = new TextEncoder();

/** A name of a fingerprint, with what the finding gets to know of it. */
interface FingerprintName {
  readonly name: string;
  readonly isUsable: boolean;
  readonly number: number;
}

/** Fingerprint names that came one after the other. */
interface ShapeNode {
  readonly names: readonly string[];
  readonly next: (ShapeNode | undefined)[];
  /** The sink's number, once it was needed. */
  shape: number;
}

/** An artifactLocation with the sink's number of its path; -1 when it has none. */
interface Place {
  path: number;
}

/** A place that nobody has asked for yet: to resolve it may be worth a note, so only results that become findings do. */
const unresolved = -2;

/** What was learned of results that cannot go as rows. */
const noTemplate = -2;

/** What readRow came to. */
export type RowOutcome = 'row' | 'unknown' | 'not plain';

/**
 * Reads results that are as nearly all results of large reports are (a rule, a text, one place, fingerprints; nothing that asks
 * for a decision of its own) straight into a row, without making an object of any part. It takes only what comes to the same
 * finding as readResult makes of it; for all else, and for the first of each rule, it says so and the long way is gone.
 */
export class PlainReader extends ResultReader {
  readonly row = new PlainRow();
  private rows: RowSink | undefined;
  private run: RunContext | undefined;
  /** What decides about a finding's template, as one number: rule id, index and reference, and the level. */
  private key = 0;
  private readonly templates = new Map<number, number>();
  /** The last found of a rule id: the id, the reference, index and level, the template. A map takes ten times as long. */
  private readonly recent = new Int32Array(4 * recentRules).fill(-1);
  private numbered = 0;
  private tried = 0;
  private taken = 0;
  private readonly texts = new InternTable(() => ++this.numbered, 4096);
  private levelCount = 0;
  private readonly levels = new InternTable(() => ++this.levelCount, 64);
  private readonly kinds = new InternTable((bytes, from, to) => this.decoding.ascii(bytes, from, to) === 'fail', 16);
  private readonly references = new InternTable(() => ++this.numbered, 4096);
  private readonly places = new InternTable((): Place => ({ path: unresolved }), 64 * 1024);
  private readonly names = new InternTable((bytes, from, to) => this.nameAt(bytes, from, to), 256);
  private nameCount = 0;
  private place: Place | undefined;
  private placeFrom = 0;
  private placeTo = 0;
  private shapeCount = 0;
  private shapes: ShapeNode = { names: [], next: [], shape: -1 };

  /** Starts with another run; without a sink for rows, and where columns need the source's text, there is nothing to take. */
  startRun(run: RunContext, rows: RowSink | undefined): void {
    this.run = run;
    this.rows = run.codePointLines === undefined ? rows : undefined;
    this.templates.clear();
    this.recent.fill(-1);
    this.places.clear();
    this.shapes = { names: [], next: [], shape: -1 };
    this.tried = this.taken = this.shapeCount = 0;
  }

  /** Reads the result at the position into the row. Unless it is taken, position and token are where they were. @throws `incomplete` */
  readRow(): RowOutcome {
    const { token, position, rows, row } = this;
    // A report whose results are all of another kind should not be read twice.
    if (rows === undefined || this.tried > 200 + 2 * this.taken) return 'not plain';
    this.tried++;
    let outcome: RowOutcome = 'not plain';
    try {
      if (this.readPlain(rows)) outcome = row.template >= 0 ? 'row' : 'unknown';
    } catch (error) {
      if (error !== unusual) throw error;
    }
    if (outcome !== 'not plain') this.taken++;
    if (outcome !== 'row') {
      this.token = token;
      this.position = position;
    }
    return outcome;
  }

  /**
   * Tells what a result like the one of which readRow did not know the rule comes to; true when the row, which nothing else was read
   * into, now holds it. Results about an advisory are each for the long way: the package is read from what a row passes over.
   */
  learn(finding: DraftFinding): boolean {
    const found = finding.kind === 'dependency' ? -1 : (this.rows?.templateOf(finding) ?? -1);
    this.templates.set(this.key, found < 0 ? noTemplate : found);
    this.row.template = found;
    return found >= 0;
  }

  private readPlain(rows: RowSink): boolean {
    const { row } = this;
    rows.startRow(row);
    this.place = undefined;
    let seen = 0;
    let ruleId = 0;
    let ruleIndex = -1;
    let rule = 0;
    let level = 0;
    let titled = false;
    this.enterObject();
    for (let n; (n = this.nextMember(resultTable)) !== noMember;) {
      if (n < 0) {
        this.skip();
        continue;
      }
      // Of a member that comes twice the last one counts.
      if ((seen & (1 << n)) !== 0) return false;
      seen |= 1 << n;
      switch (n) {
        case 0:
          ruleId = this.lookUpName(this.texts);
          break;
        case 1:
          ruleIndex = this.readInteger();
          break;
        case 2:
          rule = this.lookUpValue(this.references);
          break;
        case 3:
          // Other kinds decide about the level, or are no finding at all.
          if (!this.lookUpName(this.kinds)) return false;
          break;
        case 4:
          level = this.lookUpName(this.levels);
          break;
        case 5:
          titled = this.readTitle();
          if (!titled) return false;
          break;
        case 6:
          if (!this.readPlace()) return false;
          break;
        case 7:
        case 8:
          if (row.shape >= 0 || !titled || !this.readFingerprintTexts(rows)) return false;
          break;
        case 14:
          if (!this.passProperties()) return false;
          break;
        default:
          return false;
      }
    }
    const place = this.place as Place | undefined;
    if (!titled || place === undefined || row.shape < 0) return false;
    if (this.numbered >= mostNumbers || ruleIndex < -1 || ruleIndex >= 16 * 1024 || level >= 128) return false;
    if (place.path === unresolved) place.path = this.pathAt(this.placeFrom, this.placeTo);
    if ((row.path = place.path) < 0) return false;
    row.template = this.findTemplate(ruleId, rule, ruleIndex, level);
    return row.template !== noTemplate;
  }

  /** The number of the finding's template; -1 for what was not learned yet, noTemplate for what is never a row. */
  private findTemplate(ruleId: number, rule: number, ruleIndex: number, level: number): number {
    const { recent } = this;
    const rest = (ruleIndex + 1) * 128 + level;
    const at = 4 * (ruleId % recentRules);
    if (recent[at] === ruleId && recent[at + 1] === rule && recent[at + 2] === rest) return recent[at + 3] as number;
    // 16 bits of rule id, 16 of the reference, 14 of the index and 7 of the level: 53 in all.
    this.key = (ruleId * mostNumbers + rule) * 16 * 1024 * 128 + rest;
    const template = this.templates.get(this.key) ?? -1;
    if (template >= 0) {
      recent[at] = ruleId;
      recent[at + 1] = rule;
      recent[at + 2] = rest;
      recent[at + 3] = template;
    }
    return template;
  }

  /** The title, in UTF-8; the message must consist of a text alone. */
  private readTitle(): boolean {
    let read = false;
    this.enterObject();
    for (let n; (n = this.nextMember(messageTable)) !== noMember;) {
      if (n < 0) this.skip();
      else if (n > 0 || read || !this.takeTitle()) return false;
      else read = true;
    }
    return read;
  }

  private takeTitle(): boolean {
    const { row, bytes } = this;
    const from = this.row.used;
    this.peek();
    const open = this.position;
    this.passString();
    const end = this.position - 1;
    const length = end - open - 1;
    if (length === 0 || !row.hasRoom(length)) return false;
    const copied = copyTitle(bytes, this.view, open + 1, end, row.bytes, row.view, from);
    if (copied === 0) return false;
    if (copied < 0 || length > longestTitle) return this.cleanTitle(from, Math.abs(copied));
    row.endText(copied);
    return true;
  }

  /** The title that the long way would make of the text that was copied. */
  private cleanTitle(from: number, to: number): boolean {
    const { row } = this;
    const message = resolveMessage({ text: this.decoding.utf8(row.bytes, from, to) }, []);
    const title = message === undefined ? '' : titleOf(withoutLinks(message));
    if (title === '' || !title.isWellFormed() || !row.hasRoom(3 * title.length)) return false;
    row.endText(from + utf8.encodeInto(title, row.bytes.subarray(from)).written);
    return true;
  }

  private readPlace(): boolean {
    let placed = false;
    this.enterArray();
    for (let first = true; this.nextElement(first); first = false) {
      if (!first) return false;
      this.enterObject();
      for (let n; (n = this.nextMember(locationTable)) !== noMember;) {
        // What is logical names the package of an advisory at most, and such a result is none of ours (see learn).
        if (n < 0 || n === 2) this.skip();
        else if (n > 0 || placed || !this.readPhysicalPlace()) return false;
        else placed = true;
      }
    }
    return placed;
  }

  private readPhysicalPlace(): boolean {
    let regions = 0;
    this.enterObject();
    for (let n; (n = this.nextMember(physicalTable)) !== noMember;) {
      if (n === 0) {
        if (this.place !== undefined) return false;
        this.peek();
        this.placeFrom = this.position;
        this.place = this.lookUpValue(this.places);
        this.placeTo = this.position;
      } else if (n === 1) {
        if (regions++ > 0 || !this.readLines()) return false;
      } else this.skip();
    }
    return this.place !== undefined;
  }

  private readLines(): boolean {
    let startLine = 0;
    let startColumn = 0;
    let endLine = 0;
    let endColumn = 0;
    let seen = 0;
    let offsets = false;
    this.enterObject();
    for (let n; (n = this.nextMember(regionTable)) !== noMember;) {
      if (n < 0 || n >= 4) {
        if (n > 4) offsets = true;
        // A snippet is left for later where a fingerprint identifies the result, and without one nothing here is taken.
        this.skip();
        continue;
      }
      if ((seen & (1 << n)) !== 0) return false;
      seen |= 1 << n;
      const value = this.readInteger();
      if (value < 1 || value > largest) return false;
      if (n === 0) startLine = value;
      else if (n === 1) startColumn = value;
      else if (n === 2) endLine = value;
      else endColumn = value;
    }
    const { row } = this;
    // Where offsets are all there is, the lines have to be looked up.
    if (startLine === 0) return !offsets;
    row.startLine = startLine;
    row.startColumn = startColumn;
    if (endLine === 0) endLine = startLine;
    const ends =
      endLine > startLine ||
      (endLine === startLine && (endColumn === 0 ? largest : endColumn) >= (startColumn === 0 ? 1 : startColumn));
    row.endLine = ends ? endLine : 0;
    row.endColumn = ends ? endColumn : 0;
    return true;
  }

  /** The usable fingerprints; their values must be ASCII without escapes. */
  private readFingerprintTexts(rows: RowSink): boolean {
    const { row } = this;
    let node = this.shapes;
    this.enterObject();
    for (let known; (known = this.lookUpMember(this.names)) !== undefined;) {
      if (!known.isUsable) {
        this.skip();
        continue;
      }
      this.peek();
      const from = this.position + 1;
      if (this.passString() < 0) return false;
      const to = this.position - 1;
      if (to - from > longestFingerprint || !row.hasRoom(to - from) || node.names.includes(known.name)) return false;
      // As isUsableFingerprint asks: only what is short or begins with zeros can be a placeholder.
      if (to - from < 16 || this.bytes[from] === 48) {
        if (!isUsableFingerprint(known.name, this.decoding.ascii(this.bytes, from, to))) continue;
      }
      const { bytes } = this;
      let at = row.used;
      for (let i = from; i < to; i++) row.bytes[at++] = bytes[i] as number;
      row.endText(at);
      let next = node.next[known.number];
      if (next === undefined) {
        if (this.shapeCount++ >= mostShapes) return false;
        next = node.next[known.number] = { names: [...node.names, known.name], next: [], shape: -1 };
      }
      node = next;
    }
    if (node.names.length === 0) return false;
    if (node.shape < 0) node.shape = rows.shapeOf(node.names);
    row.shape = node.shape;
    return true;
  }

  /** False when the properties hold something that the finding is made of. */
  private passProperties(): boolean {
    this.enterObject();
    for (let name; (name = this.nextName()) !== undefined;) {
      if (isTellingProperty(name)) return false;
      this.skip();
    }
    return true;
  }

  /** The sink's number of the path of an artifactLocation; -1 when it has none. */
  private pathAt(from: number, to: number): number {
    const resolved = this.run?.resolve(this.parseSlice(from, to));
    return resolved === undefined || 'reason' in resolved || resolved.isContainer === true
      ? -1
      : (this.rows?.pathOf(resolved.path) ?? -1);
  }

  private nameAt(bytes: Uint8Array, from: number, to: number): FingerprintName {
    const name = this.decoding.ascii(bytes, from, to);
    // Objects list names that are numbers first, and a prototype is none of their members: such are for the long way.
    if (this.nameCount >= 1000 || /^\d|^__proto__$/.test(name)) throw unusual;
    return { name, isUsable: isUsableName(name), number: this.nameCount++ };
  }
}
