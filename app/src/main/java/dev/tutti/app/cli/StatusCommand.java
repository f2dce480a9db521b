package dev.tutti.app.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `tutti status`: the mesh at one glance.
@Command(
    name = "status",
    description = {
      "Show the mesh at one glance.",
      "Ends with 0 when all is well, 5 when a node or an engine is missing, 6 without a hub."
    })
final class StatusCommand implements Callable<Integer> {
  /// The longest time between two looks, in seconds.
  private static final int MAX_WATCH_SECONDS = 86_400;

  private final Session session;

  @Option(
      names = "--watch",
      paramLabel = "SECONDS",
      arity = "0..1",
      fallbackValue = "2",
      description = "Look again every so many seconds, 2 unless told. Ctrl-C ends it.")
  private int watchSeconds;

  StatusCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (watchSeconds < 0 || watchSeconds > MAX_WATCH_SECONDS) {
      throw new CliException(
          Exit.USAGE, "--watch: " + watchSeconds + " (expected: 1 to " + MAX_WATCH_SECONDS + ")");
    }
    var hub = session.hub();
    var out = session.output();
    if (watchSeconds == 0) {
      return look(hub, out).code();
    }
    // Nobody ever opens the latch: waiting for it is a pause that an interrupt ends.
    var never = new CountDownLatch(1);
    boolean ended = false;
    while (!ended) {
      try {
        look(hub, out);
      } catch (CliException e) {
        // A hub that is away may come back: whoever watches wants to see that, too.
        Failures.tell(e, session);
      }
      ended = never.await(watchSeconds, TimeUnit.SECONDS);
    }
    return Exit.OK.code();
  }

  private Exit look(HubClient hub, Output out) {
    var status = hub.get("status");
    var nodes = Json.items(hub.get("nodes"), "nodes");
    var backends = Json.items(hub.get("backends"), "backends");
    if (out.isJson() && watchSeconds > 0) {
      out.documentLine(status);
    } else if (out.isJson()) {
      out.document(status);
    } else {
      if (watchSeconds > 0) {
        out.redraw();
      }
      out.line(headline(hub, status));
      out.line(numbers(status, backends));
      if (!nodes.isEmpty()) {
        out.gap();
        out.table(Views.nodes(nodes));
      }
      missing(backends).forEach(line -> out.note("backend " + line));
    }
    return isWhole(nodes, backends) ? Exit.OK : Exit.DEGRADED;
  }

  private static String headline(HubClient hub, JsonNode status) {
    var words = new ArrayList<String>();
    words.add("hub " + hub.base());
    var version = Json.text(status, "version");
    if (!version.isEmpty()) {
      words.add("version " + version);
    }
    var strategy = Json.text(status, "strategy");
    if (!strategy.isEmpty()) {
      words.add("strategy " + strategy);
    }
    Json.number(status, "uptime_s")
        .ifPresent(seconds -> words.add("up " + Text.duration(Duration.ofSeconds(seconds))));
    if (Json.flag(status, "simulated")) {
      words.add("demo: engines are " + Output.SIMULATED);
    }
    return String.join(" · ", words);
  }

  private static String numbers(JsonNode status, List<JsonNode> backends) {
    var words = new ArrayList<String>();
    long up = backends.stream().filter(backend -> !Views.isDown(backend)).count();
    words.add(up + " of " + Text.count(backends.size(), "backend") + " up");
    Json.number(status, "counts.models").ifPresent(n -> words.add(Text.count(n, "model")));
    Json.number(status, "counts.active").ifPresent(n -> words.add(n + " running"));
    Json.number(status, "counts.waiting").ifPresent(n -> words.add(n + " waiting"));
    return String.join(" · ", words);
  }

  private static List<String> missing(List<JsonNode> backends) {
    return backends.stream()
        .filter(backend -> Views.isDown(backend))
        .map(backend -> Views.backendId(backend) + " is down: " + Json.text(backend, "trouble"))
        .toList();
  }

  private static boolean isWhole(List<JsonNode> nodes, List<JsonNode> backends) {
    return nodes.stream()
            .noneMatch(node -> Json.text(node, "status").toLowerCase(Locale.ROOT).equals("offline"))
        && backends.stream().noneMatch(backend -> Views.isDown(backend));
  }
}
