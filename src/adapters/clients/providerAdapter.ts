import type { Provider } from '../../core/ports';

/** What every adapter that is a class has: what its provider says of itself, and its options. */
export abstract class ProviderAdapter<Options> implements Provider {
  readonly id: string;
  readonly displayName: string;
  readonly url: string;
  readonly capabilities: Provider['capabilities'];

  constructor(
    provider: Provider,
    protected readonly options: Options,
  ) {
    this.id = provider.id;
    this.displayName = provider.displayName;
    this.url = provider.url;
    this.capabilities = provider.capabilities;
  }
}
