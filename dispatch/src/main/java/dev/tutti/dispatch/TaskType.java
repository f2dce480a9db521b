package dev.tutti.dispatch;

import java.util.Locale;
import java.util.Optional;

/// What kind of work a task is. The seed's and Symphony's words.
public enum TaskType {
  CHAT,
  CODE,
  VISION,
  SUMMARIZE,
  CLASSIFY,
  REASON,
  EMBED,
  COUNT,
  LOAD,
  WRITE,
  ANALYZE,
  QA,
  ROUTE,
  BROWSER,
  SCRAPE,
  DTOOLS,
  FORM_FILL;

  /// Whether an engine makes an answer for such a task: counting tokens and loading a model write
  /// nothing, keep nobody waiting, and say nothing about other tasks.
  public boolean isAnswered() {
    return switch (this) {
      case COUNT, LOAD -> false;
      case CHAT,
          CODE,
          VISION,
          SUMMARIZE,
          CLASSIFY,
          REASON,
          EMBED,
          WRITE,
          ANALYZE,
          QA,
          ROUTE,
          BROWSER,
          SCRAPE,
          DTOOLS,
          FORM_FILL ->
          true;
    };
  }

  /// The name in headers and APIs.
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The type of that name, if there is one.
  public static Optional<TaskType> of(String wireName) {
    for (TaskType type : values()) {
      if (type.wireName().equals(wireName)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
