package dev.tutti.worklist;

import java.util.List;

/// A stretch of a list.
///
/// @param entries in the order that was asked for
/// @param more whether the list goes on after them
/// @param <T> what is listed
public record Page<T>(List<T> entries, boolean more) {
  /// Copies the list.
  public Page {
    entries = List.copyOf(entries);
  }

  /// Which stretch.
  ///
  /// @param after the id that comes right before it, empty for the beginning
  /// @param limit how many at the most
  /// @param newestFirst the order
  public record Ask(String after, int limit, boolean newestFirst) {}
}
