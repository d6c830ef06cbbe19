/** A thing that backs a claim, addressed by what it contains (in-toto ResourceDescriptor: name, digest, mediaType). */
export interface Evidence {
  readonly name: string;
  readonly mediaType: string;
  readonly digest: { readonly sha256: string };
}
