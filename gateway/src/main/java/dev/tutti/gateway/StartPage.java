package dev.tutti.gateway;

/// What a browser sees at `/`: what this is and where its endpoints are. It loads nothing.
final class StartPage {
  private static final String SIMULATED =
      "<p class=\"simulated\">SIMULATED: this hub runs engines that only pretend to think.</p>";

  private static final String LOGOUT =
      "<form method=\"post\" action=\"/logout\"><button>Log out</button></form>";

  private StartPage() {}

  /// The page in UTF-8.
  ///
  /// @param keys whether whoever sees it came in with a key
  static byte[] of(HubFacts hub, boolean keys) {
    String page =
        """
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
        %s
        """
            .formatted(
                Page.escape(hub.name()),
                Page.escape(hub.version()),
                hub.demo() ? SIMULATED : "",
                keys ? LOGOUT : "");
    return Page.of(page);
  }
}
