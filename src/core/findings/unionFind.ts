/** Disjoint sets of texts: which of them have been said to be the same, directly or through others. */
export class UnionFind {
  private readonly parents = new Map<string, string>();

  /** The representative of the set: the smallest member by code units, so that it does not depend on the order of joins. */
  find(member: string): string {
    let root = member;
    for (let parent = this.parents.get(root); parent !== undefined; parent = this.parents.get(root)) root = parent;
    // Point everything on the way at the root, so that long chains are walked once.
    for (let on = member; on !== root;) {
      const next = this.parents.get(on) ?? root;
      this.parents.set(on, root);
      on = next;
    }
    return root;
  }

  join(a: string, b: string): void {
    const [first, second] = [this.find(a), this.find(b)];
    if (first < second) this.parents.set(second, first);
    else if (second < first) this.parents.set(first, second);
  }
}
