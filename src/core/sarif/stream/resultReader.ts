import { isUsableFingerprint, isUsableName } from '../usableFingerprint';
import { hasOffset } from '../offsetIndex';
import { isTellingProperty } from '../tellingProperty';
import { NameTable } from './nameTable';
import { noMember, TokenReader } from './tokenReader';

interface RawRegion {
  startLine?: unknown;
  startColumn?: unknown;
  endLine?: unknown;
  endColumn?: unknown;
  snippet?: unknown;
  charOffset?: unknown;
  charLength?: unknown;
  byteOffset?: unknown;
  byteLength?: unknown;
}

interface RawLocation {
  physicalLocation?: { artifactLocation?: unknown; region?: RawRegion };
  message?: unknown;
  logicalLocations?: unknown;
}

/** The members of a result that its finding is made of; the same names and shapes as JSON.parse would give. */
export class RawResult {
  ruleId: unknown = undefined;
  ruleIndex: unknown = undefined;
  rule: unknown = undefined;
  kind: unknown = undefined;
  level: unknown = undefined;
  message: unknown = undefined;
  locations: unknown = undefined;
  fingerprints: unknown = undefined;
  partialFingerprints: unknown = undefined;
  suppressions: unknown = undefined;
  baselineState: unknown = undefined;
  fixes: unknown = undefined;
  taxa: unknown = undefined;
  provenance: unknown = undefined;
  properties: unknown = undefined;
}

/** The members that are read, in the order of readMember and of PlainReader. */
export const resultTable = new NameTable([
  'ruleId',
  'ruleIndex',
  'rule',
  'kind',
  'level',
  'message',
  'locations',
  'fingerprints',
  'partialFingerprints',
  'suppressions',
  'baselineState',
  'fixes',
  'taxa',
  'provenance',
  'properties',
]);
export const messageTable = new NameTable(['text', 'id', 'arguments', 'markdown']);
export const locationTable = new NameTable(['physicalLocation', 'message', 'logicalLocations']);
export const physicalTable = new NameTable(['artifactLocation', 'region']);
export const regionTable = new NameTable([
  'startLine',
  'startColumn',
  'endLine',
  'endColumn',
  'snippet',
  'charOffset',
  'charLength',
  'byteOffset',
  'byteLength',
]);

/**
 * Reads SARIF results off the structure index: only what becomes a finding (readResult makes it), and passes over code flows,
 * related locations, stacks, graphs and whatever else a producer wrote. Snippets are taken only where no fingerprint
 * identifies the result, and where a region is no more than an offset: there they tell whether the file is still the same.
 */
export class ResultReader extends TokenReader {
  private readonly snippets: { readonly region: RawRegion; readonly from: number; readonly to: number }[] = [];
  private identified = false;

  /** Reads the result object at the position. @throws `incomplete`, `unusual` */
  readResult(): RawResult {
    const result = new RawResult();
    this.snippets.length = 0;
    this.identified = false;
    this.enterObject();
    for (let n; (n = this.nextMember(resultTable)) !== noMember;) this.readMember(result, n);
    this.readSnippets();
    return result;
  }

  /** `name` is the place in resultTable: numbers are told apart faster than strings, and this is asked for every member. */
  private readMember(result: RawResult, name: number): void {
    switch (name) {
      case 0:
        result.ruleId = this.readName();
        break;
      case 1:
        result.ruleIndex = this.readInteger();
        break;
      case 2:
        result.rule = this.readShared();
        break;
      case 3:
        result.kind = this.readName();
        break;
      case 4:
        result.level = this.readName();
        break;
      case 5:
        result.message = this.readMessage();
        break;
      case 6:
        result.locations = this.readLocations();
        break;
      case 7:
        result.fingerprints = this.readFingerprints();
        break;
      case 8:
        result.partialFingerprints = this.readFingerprints();
        break;
      case 9:
        result.suppressions = this.readShared();
        break;
      case 10:
        result.baselineState = this.readName();
        break;
      case 11:
        result.fixes = this.parse();
        break;
      case 12:
        result.taxa = this.readShared();
        break;
      case 13:
        result.provenance = this.readShared();
        break;
      case 14:
        result.properties = this.readProperties();
        break;
      default:
        this.skip();
    }
  }

  private readMessage(): unknown {
    const message: { text?: string; id?: string; markdown?: unknown; arguments?: unknown } = {};
    this.enterObject();
    for (let n; (n = this.nextMember(messageTable)) !== noMember;) {
      if (n === 0) message.text = this.readText();
      else if (n === 1) message.id = this.readName();
      else if (n === 2) message.arguments = this.parse();
      else if (n === 3 && message.text === undefined) message.markdown = this.parse();
      else this.skip();
    }
    return message;
  }

  private readLocations(): unknown {
    const locations: RawLocation[] = [];
    this.enterArray();
    for (let first = true; this.nextElement(first); first = false) locations.push(this.readLocation());
    return locations;
  }

  private readLocation(): RawLocation {
    const location: RawLocation = {};
    this.enterObject();
    for (let n; (n = this.nextMember(locationTable)) !== noMember;) {
      if (n === 0) location.physicalLocation = this.readPhysicalLocation();
      else if (n === 1) location.message = this.parse();
      else if (n === 2) location.logicalLocations = this.parse();
      else this.skip();
    }
    return location;
  }

  private readPhysicalLocation(): NonNullable<RawLocation['physicalLocation']> {
    const physical: NonNullable<RawLocation['physicalLocation']> = { artifactLocation: undefined };
    this.enterObject();
    for (let n; (n = this.nextMember(physicalTable)) !== noMember;) {
      if (n === 0) physical.artifactLocation = this.readShared();
      else if (n === 1) physical.region = this.readRegion();
      else this.skip();
    }
    return physical;
  }

  private readRegion(): RawRegion {
    const region: RawRegion = { startLine: undefined, startColumn: undefined, endLine: undefined, endColumn: undefined };
    this.enterObject();
    for (let n; (n = this.nextMember(regionTable)) !== noMember;) {
      if (n === 0) region.startLine = this.readInteger();
      else if (n === 1) region.startColumn = this.readInteger();
      else if (n === 2) region.endLine = this.readInteger();
      else if (n === 3) region.endColumn = this.readInteger();
      else if (n === 4) this.noteSnippet(region);
      else if (n === 5) region.charOffset = this.readInteger();
      else if (n === 6) region.charLength = this.readInteger();
      else if (n === 7) region.byteOffset = this.readInteger();
      else if (n === 8) region.byteLength = this.readInteger();
      else this.skip();
    }
    return region;
  }

  private noteSnippet(region: RawRegion): void {
    this.peek();
    const from = this.position;
    this.skip();
    this.snippets.push({ region, from, to: this.position });
  }

  private readFingerprints(): unknown {
    const fingerprints: Record<string, string> = {};
    this.enterObject();
    for (let name; (name = this.nextName()) !== undefined;) {
      if (name === '__proto__' || !isUsableName(name)) {
        this.skip();
        continue;
      }
      const value = this.readText();
      if (!isUsableFingerprint(name, value)) continue;
      fingerprints[name] = value;
      this.identified = true;
    }
    return fingerprints;
  }

  /** The property bag, only when it holds something that the finding is made of; the rest is read when it is opened. */
  private readProperties(): unknown {
    this.peek();
    const from = this.position;
    let telling = false;
    this.enterObject();
    for (let name; (name = this.nextName()) !== undefined;) {
      telling ||= isTellingProperty(name);
      this.skip();
    }
    return telling ? this.parseSlice(from, this.position) : undefined;
  }

  private readSnippets(): void {
    for (const { region, from, to } of this.snippets)
      if (!this.identified || hasOffset(region)) region.snippet = this.parseSlice(from, to);
  }
}
