import { isUsableFingerprint } from '../usableFingerprint';
import { isTellingProperty } from '../tellingProperty';
import { NameTable } from './nameTable';
import { noMember, TokenReader } from './tokenReader';

interface RawRegion {
  startLine?: unknown;
  startColumn?: unknown;
  endLine?: unknown;
  endColumn?: unknown;
  snippet?: unknown;
}

interface RawLocation {
  physicalLocation?: { artifactLocation?: unknown; region?: RawRegion };
  message?: unknown;
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

const resultNames = [
  'ruleId',
  'kind',
  'level',
  'baselineState',
  'ruleIndex',
  'rule',
  'message',
  'locations',
  'fingerprints',
  'partialFingerprints',
  'suppressions',
  'fixes',
  'taxa',
  'provenance',
  'properties',
] as const;
const resultTable = new NameTable(resultNames);
const messageTable = new NameTable(['text', 'id', 'arguments', 'markdown']);
const locationTable = new NameTable(['physicalLocation', 'message']);
const physicalTable = new NameTable(['artifactLocation', 'region']);
const regionTable = new NameTable(['startLine', 'startColumn', 'endLine', 'endColumn', 'snippet']);

/**
 * Reads SARIF results off the structure index: only what becomes a finding (readResult makes it), and passes over code flows,
 * related locations, stacks, graphs and whatever else a producer wrote. Snippets are taken only where no fingerprint
 * identifies the result.
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
    for (let n = this.nextMember(true, resultTable); n !== noMember; n = this.nextMember(false, resultTable))
      this.readMember(result, resultNames[n]);
    if (!this.identified) this.readSnippets();
    return result;
  }

  private readMember(result: RawResult, name: (typeof resultNames)[number] | undefined): void {
    switch (name) {
      case 'ruleId':
      case 'kind':
      case 'level':
      case 'baselineState':
        result[name] = this.readName();
        break;
      case 'ruleIndex':
        result.ruleIndex = this.readInteger();
        break;
      case 'message':
        result.message = this.readMessage();
        break;
      case 'locations':
        result.locations = this.readLocations();
        break;
      case 'fingerprints':
      case 'partialFingerprints':
        result[name] = this.readFingerprints();
        break;
      case 'rule':
      case 'taxa':
      case 'provenance':
      case 'suppressions':
        result[name] = this.readShared();
        break;
      case 'fixes':
        result.fixes = this.parse();
        break;
      case 'properties':
        result.properties = this.readProperties();
        break;
      case undefined:
        this.skip();
    }
  }

  private readMessage(): unknown {
    const message: { text?: string; id?: string; markdown?: unknown; arguments?: unknown } = {};
    this.enterObject();
    for (let n = this.nextMember(true, messageTable); n !== noMember; n = this.nextMember(false, messageTable)) {
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
    for (let n = this.nextMember(true, locationTable); n !== noMember; n = this.nextMember(false, locationTable)) {
      if (n === 0) location.physicalLocation = this.readPhysicalLocation();
      else if (n === 1) location.message = this.parse();
      else this.skip();
    }
    return location;
  }

  private readPhysicalLocation(): NonNullable<RawLocation['physicalLocation']> {
    const physical: NonNullable<RawLocation['physicalLocation']> = { artifactLocation: undefined };
    this.enterObject();
    for (let n = this.nextMember(true, physicalTable); n !== noMember; n = this.nextMember(false, physicalTable)) {
      if (n === 0) physical.artifactLocation = this.readShared();
      else if (n === 1) physical.region = this.readRegion();
      else this.skip();
    }
    return physical;
  }

  private readRegion(): RawRegion {
    const region: RawRegion = { startLine: undefined, startColumn: undefined, endLine: undefined, endColumn: undefined };
    this.enterObject();
    for (let n = this.nextMember(true, regionTable); n !== noMember; n = this.nextMember(false, regionTable)) {
      if (n === 0) region.startLine = this.readInteger();
      else if (n === 1) region.startColumn = this.readInteger();
      else if (n === 2) region.endLine = this.readInteger();
      else if (n === 3) region.endColumn = this.readInteger();
      else if (n === 4) this.noteSnippet(region);
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
    for (let name = this.nextName(true); name !== undefined; name = this.nextName(false)) {
      if (name === '__proto__') {
        this.skip();
        continue;
      }
      const value = this.readText();
      fingerprints[name] = value;
      this.identified ||= isUsableFingerprint(name, value);
    }
    return fingerprints;
  }

  /** The property bag, only when it holds something that the finding is made of; the rest is read when it is opened. */
  private readProperties(): unknown {
    this.peek();
    const from = this.position;
    let telling = false;
    this.enterObject();
    for (let name = this.nextName(true); name !== undefined; name = this.nextName(false)) {
      telling ||= isTellingProperty(name);
      this.skip();
    }
    return telling ? this.parseSlice(from, this.position) : undefined;
  }

  private readSnippets(): void {
    for (const { region, from, to } of this.snippets) region.snippet = this.parseSlice(from, to);
  }
}
