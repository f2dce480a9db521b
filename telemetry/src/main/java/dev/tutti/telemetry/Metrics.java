package dev.tutti.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/// Counts and measures for Prometheus. Owner loop only.
///
/// Label values are few by construction: dialects and outcomes are closed sets, and after {@value
/// #MAX_BACKEND_LABELS} backends the rest share the value `other`. Model names and tasks are no
/// labels: clients choose those.
public final class Metrics {
  /// Backends with a label value of their own.
  public static final int MAX_BACKEND_LABELS = 200;

  private static final String OTHER = "other";
  private static final Duration[] FIRST_TOKEN_BUCKETS =
      buckets(10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000);
  private static final Duration[] DURATION_BUCKETS =
      buckets(50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 1_800_000);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Set<String> backendLabels = new HashSet<>();
  private final Timer queueWait;
  private final Timer firstToken;
  private final MultiGauge activeAttempts;
  private Levels levels = Levels.NONE;

  /// Registers everything that has no labels, so that a scrape shows it from the start.
  public Metrics() {
    queueWait =
        timer(
            "tutti.queue.wait",
            "Time from submission to the first attempt",
            Tags.empty(),
            DURATION_BUCKETS);
    firstToken =
        timer(
            "tutti.first.token",
            "Time from submission to the first written token",
            Tags.empty(),
            FIRST_TOKEN_BUCKETS);
    activeAttempts =
        MultiGauge.builder("tutti.attempts.active")
            .description("Running attempts")
            .register(registry);
    level("tutti.queue.length", "Tasks that wait for a slot", Levels::queueLength);
    level("tutti.nodes.up", "Machines that can be reached", Levels::nodesUp);
    level("tutti.nodes.known", "Machines in all", Levels::nodesKnown);
    level("tutti.backends.up", "Engines that take work", Levels::backendsUp);
    level("tutti.backends.known", "Engines in all", Levels::backendsKnown);
    level("tutti.feed.subscribers", "Watchers of the event feed", Levels::feedSubscribers);
    level("tutti.client.connections", "Open client connections", Levels::clientConnections);
    level("tutti.request.buffered.bytes", "Request bodies held", Levels::bufferedBytes);
  }

  /// A client's request has ended.
  ///
  /// @param dialect one of the few names of dialects
  public void requestEnded(String dialect, RequestOutcome outcome, Duration took) {
    counter(
            "tutti.requests",
            "Client requests that carried work",
            Tags.of("dialect", dialect, "outcome", outcome.wireName()))
        .increment();
    timer(
            "tutti.request.duration",
            "Time from a request's last byte to its answer's last byte",
            Tags.of("dialect", dialect),
            DURATION_BUCKETS)
        .record(took);
  }

  /// The first attempt of a task begins.
  public void assigned(Duration queued) {
    queueWait.record(queued);
  }

  /// The first token was written to a client.
  public void firstToken(Duration sinceSubmission) {
    firstToken.record(sinceSubmission);
  }

  /// What an answer cost.
  public void tokens(int prompt, int output) {
    tokens("prompt", prompt);
    tokens("output", output);
  }

  /// An attempt has ended.
  ///
  /// @param outcome how
  public void attemptEnded(String backend, AttemptOutcome outcome) {
    counter(
            "tutti.attempts",
            "Attempts on backends",
            Tags.of("backend", label(backend), "outcome", outcome.wireName))
        .increment();
  }

  /// The whole text for Prometheus.
  ///
  /// @param now what stands at this moment
  public String scrape(Levels now) {
    levels = now;
    var byLabel = new TreeMap<String, Integer>();
    now.activeByBackend()
        .forEach((backend, active) -> byLabel.merge(label(backend), active, Integer::sum));
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    for (Map.Entry<String, Integer> entry : byLabel.entrySet()) {
      rows.add(MultiGauge.Row.of(Tags.of("backend", entry.getKey()), entry.getValue()));
    }
    activeAttempts.register(rows, true);
    return registry.scrape();
  }

  private void tokens(String direction, int amount) {
    counter("tutti.tokens", "Tokens as engines count them", Tags.of("direction", direction))
        .increment(amount);
  }

  private String label(String backend) {
    if (backendLabels.contains(backend)) {
      return backend;
    }
    if (backendLabels.size() >= MAX_BACKEND_LABELS) {
      return OTHER;
    }
    backendLabels.add(backend);
    return backend;
  }

  private Counter counter(String name, String what, Tags tags) {
    return Counter.builder(name).description(what).tags(tags).register(registry);
  }

  private Timer timer(String name, String what, Tags tags, Duration[] buckets) {
    return Timer.builder(name)
        .description(what)
        .tags(tags)
        .serviceLevelObjectives(buckets)
        .register(registry);
  }

  private void level(String name, String what, ToDoubleFunction<Levels> read) {
    Gauge.builder(name, this, self -> read.applyAsDouble(self.levels))
        .description(what)
        .register(registry);
  }

  private static Duration[] buckets(long... millis) {
    var durations = new Duration[millis.length];
    for (int i = 0; i < millis.length; i++) {
      durations[i] = Duration.ofMillis(millis[i]);
    }
    return durations;
  }

  /// How an attempt ended.
  public enum AttemptOutcome {
    DONE("done"),
    FAILED("failed"),
    CANCELLED("cancelled");

    private final String wireName;

    AttemptOutcome(String wireName) {
      this.wireName = wireName;
    }
  }
}
