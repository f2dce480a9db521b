package dev.tutti.gateway;

import java.nio.charset.StandardCharsets;

/// What a browser sees at `/`: what this is and where its endpoints are. It loads nothing.
final class StartPage {
  /// What the page may do: show itself with its own style.
  static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

  private static final String SIMULATED =
      "<p class=\"simulated\">SIMULATED: this hub runs engines that only pretend to think.</p>";

  private StartPage() {}

  /// The page in UTF-8.
  static byte[] of(HubFacts hub) {
    String page =
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Tutti</title>
        <style>
        :root { color-scheme: light dark; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto;
          padding: 0 1rem; }
        table { border-collapse: collapse; width: 100%%; }
        td { padding: .3rem .8rem .3rem 0; vertical-align: top; }
        code { font-family: ui-monospace, monospace; }
        .simulated { border-left: 4px solid #c60; padding-left: .8rem; }
        </style>
        </head>
        <body>
        <h1>Tutti</h1>
        <p>This is the hub <strong>%s</strong>, version %s: one endpoint in front of your AI
        machines. Point a client at this address; it keeps its own API.</p>
        %s
        <table>
        <tr><td>OpenAI clients</td><td><code>/v1</code></td></tr>
        <tr><td>Ollama clients</td><td><code>/</code> (this address)</td></tr>
        <tr><td>Machines</td><td><a href="/mesh/v1/nodes"><code>/mesh/v1/nodes</code></a></td></tr>
        <tr><td>Engines</td>
          <td><a href="/mesh/v1/backends"><code>/mesh/v1/backends</code></a></td></tr>
        <tr><td>Models</td><td><a href="/mesh/v1/models"><code>/mesh/v1/models</code></a></td></tr>
        <tr><td>Queue</td><td><a href="/mesh/v1/queue"><code>/mesh/v1/queue</code></a></td></tr>
        <tr><td>Tasks</td><td><a href="/mesh/v1/tasks"><code>/mesh/v1/tasks</code></a></td></tr>
        <tr><td>Events</td><td><code>/mesh/v1/events</code> (SSE or WebSocket)</td></tr>
        <tr><td>State</td><td><a href="/mesh/v1/status"><code>/mesh/v1/status</code></a>,
          <a href="/health"><code>/health</code></a>, <a href="/ready"><code>/ready</code></a>,
          <a href="/metrics"><code>/metrics</code></a></td></tr>
        </table>
        </body>
        </html>
        """
            .formatted(escape(hub.name()), escape(hub.version()), hub.demo() ? SIMULATED : "");
    return page.getBytes(StandardCharsets.UTF_8);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
