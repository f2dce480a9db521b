package dev.tutti.e2e;

import java.util.List;
import tools.jackson.databind.JsonNode;

/// A simulated engine as a process of its own, and what it tells of itself.
final class PacedProcess implements AutoCloseable {
  private final dev.tutti.testkit.PacedProcess process;

  private PacedProcess(dev.tutti.testkit.PacedProcess process) {
    this.process = process;
  }

  /// Starts an engine with the options of {@code dev.tutti.paced.PacedMain} and waits until it
  /// listens.
  static PacedProcess start(String... options) {
    return new PacedProcess(dev.tutti.testkit.PacedProcess.start(List.of(), options));
  }

  /// Where it listens.
  String url() {
    return process.url();
  }

  /// Its own view of its work.
  Stats stats() {
    JsonNode json = Http.get(url() + "/_paced/stats").json();
    return new Stats(
        json.path("active").intValue(),
        json.path("queued").intValue(),
        json.path("completed").intValue(),
        json.path("aborted").intValue(),
        json.path("tokens").longValue());
  }

  /// Loads, unloads, adds or removes a model.
  void order(String verb, String model) {
    var answer = Http.post(url() + "/_paced/models", "{\"" + verb + "\":\"" + model + "\"}");
    if (answer.status() != 200) {
      throw new AssertionError(verb + " " + model + ": " + answer);
    }
  }

  /// Kills it.
  @Override
  public void close() {
    process.close();
  }

  /// What the engine counts: work now, then totals since its start.
  record Stats(int active, int queued, int completed, int aborted, long tokens) {
    /// Generations that ever began or waited here.
    int seen() {
      return active + queued + completed + aborted;
    }
  }
}
