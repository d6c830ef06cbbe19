export interface PanelPage {
  readonly title: string;
  readonly script: string;
  readonly styles: readonly string[];
  /** The icon component wants to know where the icon font's style sheet is. */
  readonly codicons: string;
  /** The webview's own origin for the content security policy. */
  readonly source: string;
  readonly nonce: string;
}

/** The page of the panel or the dashboard: no inline script, nothing from outside; scripts run by nonce only. */
export function panelHtml({ title, script, styles, codicons, source, nonce }: PanelPage): string {
  // The components set style attributes on themselves, which the policy must allow; styles cannot run anything.
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${source} 'unsafe-inline'; font-src ${source}; img-src ${source}`;
  const links = styles.map((style) =>
    style === codicons
      ? `<link rel="stylesheet" href="${style}" id="vscode-codicon-stylesheet">`
      : `<link rel="stylesheet" href="${style}">`,
  );
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${links.join('\n')}
</head>
<body>
<main id="root" aria-busy="true"><p>Reading the run log…</p></main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
