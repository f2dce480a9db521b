package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.TaskId;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.Band;
import dev.tutti.dispatch.Explanation;
import dev.tutti.dispatch.Prediction;
import dev.tutti.dispatch.QueueView;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskRecord;
import dev.tutti.dispatch.TaskView;
import dev.tutti.dispatch.WaitEstimate;
import dev.tutti.dispatch.predict.Honesty;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/// Tasks, the queue and routes as the mesh API shows them: JSON-ready, in snake case. No document
/// holds what a client wrote or an engine answered. Public since the events that the app publishes
/// show the same objects.
public final class TaskDocuments {
  private TaskDocuments() {}

  /// A task that waits or runs.
  public static Map<String, Object> task(TaskView task) {
    var map = new LinkedHashMap<String, Object>();
    map.put("task_id", task.id().value());
    map.put("state", task.running().isPresent() ? "running" : "queued");
    map.put("type", task.type().wireName());
    map.put("model", task.asked().value());
    map.put("principal", task.principal());
    map.put("priority", task.priority());
    map.put("band", Band.of(task.priority()).wireName());
    map.put("position", task.position());
    task.expected().ifPresent(wait -> expected(map, wait));
    map.put("attempts", task.attempts());
    map.put("queued_ms", task.queued().toMillis());
    map.put("age_ms", task.age().toMillis());
    map.put("events", task.events());
    task.running().ifPresent(assignment -> map.put("running", assignment(assignment)));
    return map;
  }

  /// A task that has ended.
  public static Map<String, Object> finished(TaskRecord task) {
    var map = new LinkedHashMap<String, Object>();
    map.put("task_id", task.id().value());
    map.put("state", task.outcome().wireName());
    map.put("type", task.type().wireName());
    map.put("model", task.asked().value());
    map.put("principal", task.principal());
    map.put("submitted_at", task.submittedAt().toString());
    map.put("attempts", task.attempts());
    map.put("queued_ms", task.queued().toMillis());
    map.put("first_event_ms", task.firstEvent().toMillis());
    map.put("total_ms", task.total().toMillis());
    map.put("prompt_tokens", task.usage().promptTokens());
    map.put("output_tokens", task.usage().outputTokens());
    map.put("events", task.events());
    task.last().ifPresent(assignment -> map.put("ran", assignment(assignment)));
    task.failure().ifPresent(failure -> map.put("failure", failure(failure)));
    return map;
  }

  /// A task that has just begun to wait.
  public static Map<String, Object> queued(Task<?> task, int position, WaitEstimate expected) {
    Map<String, Object> map = asked(task);
    map.put("position", position);
    expected(map, expected);
    return map;
  }

  /// An attempt that begins.
  public static Map<String, Object> assigned(Task<?> task, Assignment assignment) {
    Map<String, Object> map = asked(task);
    map.putAll(assignment(assignment));
    return map;
  }

  /// An attempt that failed.
  public static Map<String, Object> attemptFailed(TaskId task, String backend, Failure failure) {
    var map = new LinkedHashMap<String, Object>();
    map.put("task_id", task.value());
    map.put("backend", backend);
    map.put("failure", failure(failure));
    return map;
  }

  /// Where an attempt runs.
  public static Map<String, Object> assignment(Assignment assignment) {
    var map = new LinkedHashMap<String, Object>();
    map.put("attempt", assignment.attempt());
    map.put("node", assignment.node().value());
    map.put("backend", assignment.backend().value());
    map.put("answering_model", assignment.model().value());
    map.put("queued_ms", assignment.queued().toMillis());
    map.put("why", assignment.why());
    map.put("simulated", assignment.simulated());
    return map;
  }

  /// A failure.
  public static Map<String, Object> failure(Failure failure) {
    var map = new LinkedHashMap<String, Object>();
    map.put("code", failure.code().name().toLowerCase(Locale.ROOT));
    map.put("retry", failure.retry().name().toLowerCase(Locale.ROOT));
    map.put("message", failure.message());
    failure.retryAfterIfAny().ifPresent(wait -> map.put("retry_after_ms", wait.toMillis()));
    return map;
  }

  /// The queue.
  ///
  /// @param mayKnow who may know whose tasks
  static Map<String, Object> queue(QueueView queue, Predicate<String> mayKnow) {
    var map = new LinkedHashMap<String, Object>();
    map.put("length", queue.waiting().size());
    map.put("limit", queue.limit());
    map.put("overloaded", queue.overloaded());
    map.put("bands", queue.shares().stream().map(share -> share(share, queue.limit())).toList());
    map.put(
        "waiting",
        queue.waiting().stream()
            .map(task -> mayKnow.test(task.principal()) ? task(task) : somebodys(task))
            .toList());
    return map;
  }

  private static Map<String, Object> share(QueueView.Share share, int limit) {
    var map = new LinkedHashMap<String, Object>();
    map.put("band", share.band().wireName());
    map.put("waiting", share.waiting());
    map.put("limit", limit);
    map.put("bytes", share.bytes());
    map.put("bytes_limit", share.band().maxBytes().value());
    return map;
  }

  /// A task of somebody else: that it is there, and what it means for those behind it.
  private static Map<String, Object> somebodys(TaskView task) {
    var map = new LinkedHashMap<String, Object>();
    map.put("state", "queued");
    map.put("priority", task.priority());
    map.put("band", Band.of(task.priority()).wireName());
    map.put("position", task.position());
    task.expected().ifPresent(wait -> expected(map, wait));
    map.put("queued_ms", task.queued().toMillis());
    return map;
  }

  /// How the first of those who wait are getting on. Nobody's name is in it.
  ///
  /// @param most how many are told of
  public static Map<String, Object> progress(QueueView queue, int most) {
    var map = new LinkedHashMap<String, Object>();
    map.put("length", queue.waiting().size());
    map.put("overloaded", queue.overloaded());
    map.put("waiting", queue.waiting().stream().limit(most).map(TaskDocuments::progress).toList());
    return map;
  }

  private static Map<String, Object> progress(TaskView task) {
    var map = new LinkedHashMap<String, Object>();
    map.put("task_id", task.id().value());
    map.put("position", task.position());
    task.expected().ifPresent(wait -> expected(map, wait));
    return map;
  }

  /// How long a task will (still) wait: an estimate.
  private static void expected(Map<String, Object> map, WaitEstimate wait) {
    map.put("wait_p50_ms", wait.likely().toMillis());
    map.put("wait_p90_ms", wait.cautious().toMillis());
    map.put("wait_learned", wait.learned());
  }

  /// Where a task would run, and why.
  static Map<String, Object> explanation(Explanation explanation) {
    var map = new LinkedHashMap<String, Object>();
    map.put("strategy", explanation.strategy());
    map.put("places", explanation.places().stream().map(TaskDocuments::place).toList());
    explanation.refusal().ifPresent(failure -> map.put("refusal", failure(failure)));
    map.put("predictions", predictions(explanation.record()));
    map.put("wait", estimate(explanation.waiting()));
    return map;
  }

  /// How the last predictions for the model came out, against always saying the median.
  private static Map<String, Object> predictions(Honesty.Verdict record) {
    var map = new LinkedHashMap<String, Object>();
    map.put("tasks", record.tasks());
    map.put("error_p50_ms", Math.round(record.half()));
    map.put("error_p90_ms", Math.round(record.most()));
    map.put("base_error_p50_ms", Math.round(record.baseHalf()));
    map.put("base_error_p90_ms", Math.round(record.baseMost()));
    map.put("used", !record.beaten());
    return map;
  }

  private static Map<String, Object> place(Explanation.Place place) {
    var map = new LinkedHashMap<String, Object>();
    map.put("rank", place.rank());
    map.put("backend", place.backend().value());
    map.put("node", place.node().value());
    map.put("model", place.model().value());
    map.put("free", place.free());
    map.put("slots", place.slots());
    map.put("simulated", place.simulated());
    map.put("pool", place.pool());
    map.put("expected", expected(place.prediction()));
    map.put("why", place.why());
    return map;
  }

  /// The terms of the sum, in milliseconds: an estimate.
  private static Map<String, Object> expected(Prediction prediction) {
    var map = new LinkedHashMap<String, Object>();
    map.put("estimate", true);
    map.put("wait_ms", Math.round(prediction.waitMillis()));
    map.put("load_ms", Math.round(prediction.loadMillis()));
    map.put("prefill_ms", Math.round(prediction.prefillMillis()));
    map.put("decode_ms", Math.round(prediction.decodeMillis()));
    map.put("end_ms", Math.round(prediction.endMillis()));
    map.put("cached_tokens", prediction.cachedTokens());
    map.put("source", prediction.measured() ? "measured" : "estimated");
    return map;
  }

  private static Map<String, Object> estimate(WaitEstimate wait) {
    var map = new LinkedHashMap<String, Object>();
    map.put("estimate", true);
    map.put("likely_ms", wait.likely().toMillis());
    map.put("cautious_ms", wait.cautious().toMillis());
    map.put("learned", wait.learned());
    return map;
  }

  private static Map<String, Object> asked(Task<?> task) {
    var map = new LinkedHashMap<String, Object>();
    map.put("task_id", task.id().value());
    map.put("type", task.type().wireName());
    map.put("model", task.model().value());
    map.put("priority", task.priority());
    return map;
  }
}
