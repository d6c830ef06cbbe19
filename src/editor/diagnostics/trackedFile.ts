import type { TriagedFinding } from '../../core/model/triage';
import type { LineRange } from './findingRange';
import { rangeOf } from './findingRange';
import { Relocation } from './relocate';

/** A finding and where it stands now. */
export interface Placed {
  readonly finding: TriagedFinding;
  readonly range: LineRange;
}

/** The findings of one open file, kept at their lines while the text is edited. */
export class TrackedFile {
  constructor(
    readonly path: string,
    private readonly findings: readonly TriagedFinding[],
    private readonly base: readonly string[] | undefined,
  ) {}

  /**
   * The same file with findings as they are known now. Where they still name the same lines, the text they were made for is
   * still the earlier one, whatever was typed or saved since; with other lines they come from a newer report.
   */
  next(findings: readonly TriagedFinding[], lines: readonly string[]): TrackedFile {
    const same = signature(this.path, findings) === signature(this.path, this.findings);
    return new TrackedFile(this.path, findings, same ? this.base : lines);
  }

  /** Where the findings stand in this text; those whose lines were changed are left out. */
  place(lines: readonly string[] | undefined): readonly Placed[] {
    const moved = lines === undefined || this.base === undefined ? undefined : new Relocation(this.base, lines);
    const placed: Placed[] = [];
    for (const finding of this.findings) {
      const location = finding.locations.find((one) => one.path === this.path);
      if (location === undefined) continue;
      const range = rangeOf(location, this.base);
      if (moved === undefined) {
        placed.push({ finding, range });
        continue;
      }
      const startLine = moved.line(range.startLine);
      const endLine = moved.line(range.endLine);
      if (startLine === undefined || endLine === undefined || endLine - startLine !== range.endLine - range.startLine) continue;
      placed.push({ finding, range: { ...range, startLine, endLine } });
    }
    return placed;
  }
}

function signature(path: string, findings: readonly TriagedFinding[]): string {
  const places = findings.flatMap((finding) => finding.locations.filter((one) => one.path === path).slice(0, 1));
  return JSON.stringify([findings.map((finding) => finding.id), places]);
}
