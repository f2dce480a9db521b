package dev.tutti.worklist;

/// What the client asks of the mesh beside the work, kept with each item. A text is empty where the
/// client did not say.
///
/// @param priority 0 to 9, 9 first
/// @param type what kind of work
/// @param node the node it must run on
/// @param substitute whether another model may answer
/// @param local whether it must not leave the owner's own machines
/// @param session what ties a conversation together
public record Wishes(
    int priority, String type, String node, boolean substitute, boolean local, String session) {
  /// Longer work comes after everybody else's unless its client says otherwise.
  public static final int DEFAULT_PRIORITY = 0;

  /// What holds for who wishes nothing.
  public static final Wishes NONE = new Wishes(DEFAULT_PRIORITY, "", "", false, false, "");

  /// Checks the range.
  public Wishes {
    if (priority < 0 || priority > 9) {
      throw new IllegalArgumentException("priority: " + priority + " (expected: 0 to 9)");
    }
  }
}
