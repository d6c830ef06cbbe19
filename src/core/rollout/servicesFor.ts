import { HumanError } from '../errors';
import type { RolloutPolicy, ServicePolicy } from '../model/policy';
import { compileGlobs } from '../triage/prioritise';

/**
 * The services that a change of these files rolls out, in the order in which they must go.
 * @throws HumanError like `orderServices`
 */
export function servicesFor(policy: RolloutPolicy | undefined, changedPaths: readonly string[]): readonly ServicePolicy[] {
  return orderServices(policy?.services ?? []).filter(({ paths }) => {
    if (paths === undefined) return changedPaths.length > 0;
    return paths.length > 0 && changedPaths.some(compileGlobs(paths));
  });
}

/**
 * Services such that each comes after those that it names in `after`; otherwise as the policy has them (depth-first topological
 * order, Cormen et al., Introduction to Algorithms, 20.4).
 * @throws HumanError when they wait for each other in a circle, or for a service that is not there
 */
export function orderServices(services: readonly ServicePolicy[]): readonly ServicePolicy[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const done = new Set<ServicePolicy>();
  const visit = (service: ServicePolicy, way: readonly string[]): void => {
    if (done.has(service)) return;
    const from = way.indexOf(service.name);
    if (from >= 0) {
      throw new HumanError(
        `Services wait for each other in a circle: ${[...way.slice(from), service.name].join(' after ')}. Take one "after" out of .patchline.json.`,
      );
    }
    for (const name of service.after ?? []) {
      const before = byName.get(name);
      if (before === undefined) {
        throw new HumanError(
          `Service ${service.name} must come after ${name}, which is not there. Add ${name} to rollout.services in .patchline.json, or take it out of "after".`,
        );
      }
      visit(before, [...way, service.name]);
    }
    done.add(service);
  };
  for (const service of services) visit(service, []);
  return [...done];
}
