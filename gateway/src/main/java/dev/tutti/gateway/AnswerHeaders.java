package dev.tutti.gateway;

import dev.tutti.core.TaskId;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.WaitEstimate;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;

/// The response headers that tell who answered and why.
final class AnswerHeaders {
  /// The longest value, in characters.
  static final int MAX_CHARS = 1_024;

  private AnswerHeaders() {}

  /// The task's name, known from the start.
  static void task(HttpServerResponse response, TaskId task) {
    response.putHeader("x-tutti-task", task.value());
  }

  /// Where it runs.
  static void assignment(HttpServerResponse response, Assignment assignment) {
    response.putHeader("x-tutti-node", assignment.node().value());
    response.putHeader("x-tutti-backend", fit(assignment.backend().value()));
    response.putHeader("x-tutti-model", fit(assignment.model().value()));
    response.putHeader("x-tutti-attempts", Integer.toString(assignment.attempt()));
    response.putHeader("x-tutti-queue-ms", Long.toString(assignment.queued().toMillis()));
    response.putHeader("x-tutti-why", fit(assignment.why()));
    if (assignment.simulated()) {
      response.putHeader("x-tutti-simulated", "true");
    }
  }

  /// How long the task was thought to wait when it came to the queue.
  static void expected(HttpServerResponse response, WaitEstimate wait) {
    response.putHeader("x-tutti-wait-p50-ms", Long.toString(wait.likely().toMillis()));
    response.putHeader("x-tutti-wait-p90-ms", Long.toString(wait.cautious().toMillis()));
  }

  /// What the client offered and the mesh cannot use.
  static void leftOut(HttpServerResponse response, List<String> names) {
    response.putHeader("x-tutti-left-out", fit(String.join(", ", names)));
  }

  /// Text that an engine or a node may have chosen, fit for a header: printable ASCII, one line.
  static String fit(String text) {
    int length = Math.min(text.length(), MAX_CHARS);
    var fitted = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      fitted.append(c >= ' ' && c < 0x7f ? c : '?');
    }
    return fitted.toString();
  }
}
