package dev.tutti.gateway;

import dev.tutti.access.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// What our pages have in common. They load nothing and run nothing.
final class Page {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; }
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto;
        padding: 0 1rem; }
      table { border-collapse: collapse; width: 100%; }
      td { padding: .3rem .8rem .3rem 0; vertical-align: top; }
      code, input { font-family: ui-monospace, monospace; }
      input { width: 100%; box-sizing: border-box; padding: .4rem; }
      button { margin-top: .6rem; padding: .4rem 1rem; }
      .simulated, .refused { border-left: 4px solid #c60; padding-left: .8rem; }
      """;

  /// What a page may do: show itself in this one style, and send its form home.
  static final String POLICY =
      "default-src 'none'; style-src 'sha256-"
          + Base64.getEncoder().encodeToString(Sha256.of(STYLE))
          + "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

  private Page() {}

  /// A page in UTF-8.
  ///
  /// @param body HTML in which everything that somebody else chose is escaped
  static byte[] of(String body) {
    String page =
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Tutti</title>
        <style>\
        """
            + STYLE
            + """
            </style>
            </head>
            <body>
            <h1>Tutti</h1>
            """
            + body
            + """
            </body>
            </html>
            """;
    return page.getBytes(StandardCharsets.UTF_8);
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
