package dev.tutti.gateway;

import dev.tutti.core.MeshException;
import dev.tutti.dialects.Json;
import dev.tutti.worklist.Batch;
import dev.tutti.worklist.ItemResult;
import dev.tutti.worklist.ItemState;
import dev.tutti.worklist.ItemView;
import dev.tutti.worklist.Page;
import dev.tutti.worklist.StoredFile;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// Longer work as the APIs show it: files and batches as OpenAI's schemas `OpenAIFile` and `Batch`
/// have them, tasks in our own words.
final class WorkDocuments {
  /// The longest result that is shown inside its task's document, in bytes; a longer one has a link
  /// only.
  static final int MAX_INLINE_RESULT_BYTES = 1024 * 1024;

  private WorkDocuments() {}

  // ---- OpenAI's

  static Map<String, Object> file(StoredFile file) {
    var map = new LinkedHashMap<String, Object>();
    map.put("id", file.id());
    map.put("object", "file");
    map.put("bytes", file.bytes());
    map.put("created_at", file.createdAt().getEpochSecond());
    file.expiresAt().ifPresent(at -> map.put("expires_at", at.getEpochSecond()));
    map.put("filename", file.name());
    map.put("purpose", file.purpose());
    map.put("status", "processed");
    return map;
  }

  static Map<String, Object> batch(Batch batch) {
    var map = new LinkedHashMap<String, Object>();
    map.put("id", batch.id());
    map.put("object", "batch");
    map.put("endpoint", batch.endpoint());
    if (!batch.errors().isEmpty()) {
      map.put("errors", Map.of("object", "list", "data", json(batch.errors())));
    }
    map.put("input_file_id", batch.inputFile());
    map.put("completion_window", Batch.WINDOW_NAME);
    map.put("status", batch.state().wireName());
    batch.files().output().ifPresent(id -> map.put("output_file_id", id));
    batch.files().errors().ifPresent(id -> map.put("error_file_id", id));
    times(batch, map);
    map.put(
        "request_counts",
        Map.of(
            "total", batch.counts().total(),
            "completed", batch.counts().completed(),
            "failed", batch.counts().failed()));
    if (!batch.metadata().isEmpty()) {
      map.put("metadata", json(batch.metadata()));
    }
    return map;
  }

  private static void times(Batch batch, Map<String, Object> map) {
    Batch.Times times = batch.times();
    map.put("created_at", times.createdAt().getEpochSecond());
    moment(map, "in_progress_at", times.inProgressAt());
    map.put("expires_at", times.expiresAt().getEpochSecond());
    moment(map, "finalizing_at", times.finalizingAt());
    moment(map, "cancelling_at", times.cancellingAt());
    if (batch.state().isEnd()) {
      moment(map, batch.state().wireName() + "_at", times.endedAt());
    }
  }

  private static void moment(Map<String, Object> map, String name, Optional<Instant> at) {
    at.ifPresent(when -> map.put(name, when.getEpochSecond()));
  }

  /// What was parsed when it came.
  private static JsonNode json(String text) {
    return Json.read(text.getBytes(StandardCharsets.UTF_8));
  }

  /// A stretch of a list as OpenAI shows it.
  static <T> Map<String, Object> list(
      Page<T> page, Function<T, String> id, Function<T, Map<String, Object>> document) {
    List<T> entries = page.entries();
    var map = new LinkedHashMap<String, Object>();
    map.put("object", "list");
    map.put("data", entries.stream().map(document).toList());
    map.put("first_id", entries.isEmpty() ? "" : id.apply(entries.getFirst()));
    map.put("last_id", entries.isEmpty() ? "" : id.apply(entries.getLast()));
    map.put("has_more", page.more());
    return map;
  }

  // ---- ours

  /// A task without its result.
  static Map<String, Object> task(ItemView item) {
    var map = new LinkedHashMap<String, Object>();
    map.put("task_id", item.id().value());
    map.put("state", item.state().wireName());
    map.put("endpoint", item.endpoint());
    map.put("model", item.model());
    map.put("principal", item.principal());
    map.put("priority", item.priority());
    map.put("attempts", item.attempts());
    item.batch().ifPresent(batch -> map.put("batch_id", batch));
    map.put("created_at", item.createdAt().toString());
    map.put("expires_at", item.expiresAt().toString());
    item.startedAt().ifPresent(at -> map.put("started_at", at.toString()));
    item.endedAt().ifPresent(at -> map.put("ended_at", at.toString()));
    item.status().ifPresent(status -> map.put("status", status));
    String self = "/mesh/v1/tasks/" + item.id().value();
    map.put("links", Map.of("self", self, "result", self + "/result", "events", self + "/events"));
    return map;
  }

  /// A task that has ended.
  static Map<String, Object> task(ItemView item, ItemResult result) {
    Map<String, Object> map = task(item);
    if (result.status().isPresent() && result.body().length <= MAX_INLINE_RESULT_BYTES) {
      try {
        map.put("result", Json.read(result.body()));
      } catch (MeshException _) {
        map.put("result", new String(result.body(), StandardCharsets.UTF_8));
      }
    }
    return map;
  }

  /// Why a task has no answer though it has ended.
  static String why(ItemState state) {
    return switch (state) {
      case CANCELLED -> "the task was cancelled";
      case EXPIRED -> "the task was not done before it expired";
      case QUEUED, RUNNING, DONE, FAILED -> "the task was interrupted too often";
    };
  }
}
