import * as vscode from 'vscode';
import type { DeliveryState } from '../../core/delivery';
import type { Patchline } from '../../core/patchline';
import { openPullRequestPage } from '../pullRequestPage';
import type { EditorServices } from '../services';
import type { AlertSource, StatusAlert } from '../statusBar';
import { attentionOf, attentionTable, rolloutKey, rolloutsOf } from './attention';
import type { Notice, NoticeAct } from './breachNotice';
import { noticesOf, takeUntold } from './breachNotice';
import { showError, showWarning } from '../messages';

/** How often it is looked whether a rollout is still watched, while one is under way. */
const lookAgainMs = 30_000;
/** Newest runs whose rollouts are looked at: what was taken back lately is told although nothing is under way any more. */
const mostRuns = 200;
const seenKey = 'patchline.seenRollouts';
const mostSeen = 500;

/** What the status bar shows of the rollouts, and the messages that are shown once. */
export class DeliveryAlerts implements AlertSource {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly listening: vscode.Disposable;
  private unsubscribe: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private telling: Promise<void> = Promise.resolve();

  constructor(
    private readonly services: EditorServices,
    private readonly memory: vscode.Memento,
  ) {
    this.listening = services.onDidChangePatchline((engine) => this.follow(engine));
    this.follow(services.opened());
  }

  current(): readonly StatusAlert[] {
    const engine = this.services.opened();
    const attentions = engine === undefined ? [] : attentionOf(statesOf(engine), Date.now(), new Set(this.seen()));
    return attentions.map((one, index) => ({
      level: one.level,
      text: one.text,
      // The first one stands for all in the status bar, so its tooltip lists all.
      detail: index === 0 ? attentionTable(attentions) : one.text,
      command: 'patchline.openPanel',
      args: [one.findingId],
    }));
  }

  /** The person has looked at the finding's panel: what ended there no longer asks for an eye. */
  async markSeen(findingId: string): Promise<void> {
    const state = this.services.opened()?.delivery.state(findingId);
    const ended =
      state === undefined
        ? []
        : rolloutsOf(state)
            .filter(({ phase }) => phase === 'rolled-back')
            .map(rolloutKey);
    const known = this.seen();
    const fresh = ended.filter((key) => !known.includes(key));
    if (fresh.length === 0) return;
    await this.memory.update(seenKey, [...known, ...fresh].slice(-mostSeen));
    this.changed.fire();
  }

  private seen(): readonly string[] {
    return this.memory.get<readonly string[]>(seenKey) ?? [];
  }

  private follow(engine: Patchline | undefined): void {
    this.unsubscribe?.();
    this.unsubscribe = engine?.runs.onDidChange(() => this.look());
    this.look();
  }

  private look(): void {
    clearTimeout(this.timer);
    this.changed.fire();
    const engine = this.services.opened();
    if (engine === undefined) return;
    if (attentionOf(engine.delivery.active(), Date.now()).length > 0) this.timer = setTimeout(() => this.look(), lookAgainMs);
    const notices = noticesOf(statesOf(engine), Date.now());
    // One after the other: what the first wrote down the second must read.
    this.telling = this.telling.then(() => this.services.guard('show what happened to a rollout', () => this.tell(notices)));
  }

  private async tell(notices: readonly Notice[]): Promise<void> {
    for (const notice of await takeUntold(notices, this.memory)) {
      this.services.log.warn(notice.message);
      void this.show(notice);
    }
  }

  private async show(notice: Notice): Promise<void> {
    const show = notice.level === 'error' ? showError : showWarning;
    const picked = await show(notice.message, ...notice.acts.map(({ title }) => title));
    const act = notice.acts.find(({ title }) => title === picked)?.act;
    if (act !== undefined) await this.services.guard('open that', () => this.do(act, notice.findingId));
  }

  private async do(act: NoticeAct, findingId: string): Promise<void> {
    const commands = {
      panel: 'patchline.openPanel',
      'roll-back': 'patchline.rollBack',
      'post-mortem': 'patchline.showPostMortem',
    };
    if (act !== 'revert') {
      await vscode.commands.executeCommand(commands[act], findingId);
      return;
    }
    const revert = (await this.services.patchline()).delivery.state(findingId)?.revert;
    if (revert !== undefined) await openPullRequestPage(revert);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.unsubscribe?.();
    vscode.Disposable.from(this.changed, this.listening).dispose();
  }
}

function statesOf(engine: Patchline): readonly DeliveryState[] {
  return engine.runs
    .all()
    .filter((run) => run.state !== 'superseded')
    .slice(-mostRuns)
    .flatMap((run) => engine.delivery.state(run.finding.id) ?? []);
}
