package dev.tutti.telemetry;

/// What an event tells of. Clients know the names in {@link #wireName()}.
public enum EventKind {
  NODE_JOINED("node.joined"),
  NODE_CHANGED("node.changed"),
  NODE_REMOVED("node.removed"),
  BACKEND_FOUND("backend.found"),
  BACKEND_CHANGED("backend.changed"),
  BACKEND_GONE("backend.gone"),
  MODEL_APPEARED("model.appeared"),
  MODEL_VANISHED("model.vanished"),
  MODEL_LOADED("model.loaded"),
  MODEL_UNLOADED("model.unloaded"),
  TASK_QUEUED("task.queued"),
  TASK_ASSIGNED("task.assigned"),
  TASK_ATTEMPT_FAILED("task.attempt_failed"),
  TASK_FINISHED("task.finished"),
  QUEUE_REFUSED("queue.refused"),
  QUEUE_EXPIRED("queue.expired"),
  QUEUE_CHANGED("queue.changed"),
  QUEUE_WAITING("queue.waiting"),
  QUEUE_OVERLOADED("queue.overloaded"),
  AUDIT_TROUBLE("audit.trouble"),
  /// The watcher was too slow or came too late: events between are lost to it.
  GAP("gap");

  private final String wireName;

  EventKind(String wireName) {
    this.wireName = wireName;
  }

  /// The name in feeds.
  public String wireName() {
    return wireName;
  }
}
