package dev.tutti.store;

import java.time.Duration;

/// What many tasks cost together.
///
/// @param group what they have in common: a model, a node or a principal; empty when unknown
/// @param tasks how many ended
/// @param done how many of them were answered to their end
/// @param promptTokens tokens read
/// @param cachedTokens of them, taken from a cache
/// @param outputTokens tokens written
/// @param queued how long they waited, all together
/// @param total how long they took, all together
public record UsageSummary(
    String group,
    long tasks,
    long done,
    long promptTokens,
    long cachedTokens,
    long outputTokens,
    Duration queued,
    Duration total) {

  /// What tasks are grouped by.
  public enum By {
    /// The model that answered, or the one asked for where none did.
    MODEL("coalesce(model_answered, model_asked)"),
    /// The machine of the last attempt.
    NODE("coalesce(node, '')"),
    /// Who asked.
    PRINCIPAL("principal");

    private final String expression;

    By(String expression) {
      this.expression = expression;
    }

    /// What SQL groups by.
    String expression() {
      return expression;
    }
  }
}
