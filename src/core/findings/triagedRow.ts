import type { Finding, Suppression } from '../model/finding';
import type { Triage, TriagedFinding } from '../model/triage';
import { FindingHandle, isFindingHandle, plainFinding } from './findingHandle';
import type { FindingMembers } from './findingHandle';

/**
 * The finding with its triage, and with one suppression more where the policy asks for it. One that is made when it is asked for
 * stays so, since a large report's findings are not held twice.
 */
export function withTriage(finding: Finding, triage: Triage, suppression?: Suppression): TriagedFinding {
  if (isFindingHandle(finding)) {
    const members: FindingMembers & { readonly triage: Triage } = new TriagedRow(finding, triage, suppression);
    // As with rowFinding: a member that is undefined is as good as none.
    return members as TriagedFinding;
  }
  const plain = plainFinding(finding);
  if (suppression === undefined) return { ...plain, triage };
  return { ...plain, suppressed: true, suppressions: [...(plain.suppressions ?? []), suppression], triage };
}

/** Passes on what the finding says, and adds the triage. */
class TriagedRow extends FindingHandle implements FindingMembers {
  readonly triage: Triage;
  private readonly finding: Finding & FindingHandle;
  private readonly suppression: Suppression | undefined;

  constructor(finding: Finding & FindingHandle, triage: Triage, suppression: Suppression | undefined) {
    super();
    this.triage = triage;
    this.finding = finding;
    this.suppression = suppression;
  }

  get id(): string {
    return this.finding.id;
  }
  get suppressed(): boolean {
    return this.suppression !== undefined || this.finding.suppressed;
  }
  get suppressions(): Finding['suppressions'] {
    const { suppressions } = this.finding;
    return this.suppression === undefined ? suppressions : [...(suppressions ?? []), this.suppression];
  }
  get formerIds(): Finding['formerIds'] {
    return this.finding.formerIds;
  }
  get kind(): Finding['kind'] {
    return this.finding.kind;
  }
  get scanner(): Finding['scanner'] {
    return this.finding.scanner;
  }
  get ruleId(): Finding['ruleId'] {
    return this.finding.ruleId;
  }
  get title(): Finding['title'] {
    return this.finding.title;
  }
  get description(): Finding['description'] {
    return this.finding.description;
  }
  get severity(): Finding['severity'] {
    return this.finding.severity;
  }
  get locations(): Finding['locations'] {
    return this.finding.locations;
  }
  get codeFlows(): Finding['codeFlows'] {
    return this.finding.codeFlows;
  }
  get package(): Finding['package'] {
    return this.finding.package;
  }
  get aliases(): Finding['aliases'] {
    return this.finding.aliases;
  }
  get cwe(): Finding['cwe'] {
    return this.finding.cwe;
  }
  get cvss(): Finding['cvss'] {
    return this.finding.cvss;
  }
  get references(): Finding['references'] {
    return this.finding.references;
  }
  get baselineState(): Finding['baselineState'] {
    return this.finding.baselineState;
  }
  get component(): Finding['component'] {
    return this.finding.component;
  }
  get reproduction(): Finding['reproduction'] {
    return this.finding.reproduction;
  }
  get suggestedFix(): Finding['suggestedFix'] {
    return this.finding.suggestedFix;
  }
  get introducedBy(): Finding['introducedBy'] {
    return this.finding.introducedBy;
  }
  get fingerprints(): Finding['fingerprints'] {
    return this.finding.fingerprints;
  }
  get witnesses(): Finding['witnesses'] {
    return this.finding.witnesses;
  }
  get detail(): Finding['detail'] {
    return this.finding.detail;
  }
  get properties(): Finding['properties'] {
    return this.finding.properties;
  }

  toJSON(): TriagedFinding {
    return withTriage(this.finding.toJSON(), this.triage, this.suppression);
  }
}
